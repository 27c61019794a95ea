"""Parsing CSV lines: records as text columns; what is no record is kept with its line and the reason."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.csv_dialect import Dialect
from ingest.csv_fields import Flags, Quotes, column, find_fields, find_quotes
from ingest.csv_tokens import read_record
from ingest.lines import Lines, Positions, is_text, is_utf8
from ingest.problems import FileProblem
from ingest.segments import Rejected

MAX_RECORD_BYTES = 64 << 20
"""A quoted field that is still open after so many bytes is taken for an unclosed quote."""

MAX_REJECTED_BYTES = 256 << 20
"""More rejected lines in one file mean a wrong dialect; the file is refused whole."""


@dataclass
class _Found:
    """Records of a chunk out of order: of regular lines (as columns), and of others (as rows)."""

    columns: list[pa.Array] = field(default_factory=list)
    lines: Positions = field(default_factory=lambda: np.empty(0, np.int64))
    others: list[list[str | None]] = field(default_factory=list)
    other_lines: list[int] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    skipped: int = 0


class Parser:
    """Parses the lines of one file, chunk by chunk, in order.

    Args:
        dialect: of the file.
        source_file: the name the rows carry.
        line: physical number of the first line.
    """

    def __init__(self, dialect: Dialect, source_file: str, line: int) -> None:
        self._dialect = dialect
        self._source_file = source_file
        self._delimiter = dialect.delimiter.encode()
        self._quote = dialect.quote.encode()
        self._ending = bytes([dialect.newline_byte])
        self.line = line
        self.schema = pa.schema(
            [(name, pa.string_view()) for name in dialect.columns]
            + [("_source_file", pa.string()), ("_source_line", pa.int64())]
        )
        self.records = 0
        self.skipped = 0
        self.rejected: list[Rejected] = []
        self._rejected_bytes = 0

    def parse(self, lines: Lines, *, is_final: bool) -> tuple[pa.RecordBatch | None, int]:
        """Parse the lines of a chunk.

        Args:
            lines: complete lines.
            is_final: no more lines follow, so an open quote is unclosed.

        Returns:
            The records, and how many lines were dealt with (a record that is open at the end is not).
        """
        found = _Found()
        quotes = find_quotes(lines, self._quote, self._delimiter)
        is_free = np.ones(len(lines), np.bool_)
        used = self._parse_irregular(lines, quotes, is_free, found, is_final=is_final)
        self._parse_regular(lines, np.flatnonzero(is_free[:used]), quotes, found)
        self.skipped += found.skipped
        self.rejected += sorted(found.rejected, key=lambda rejected: rejected.line)
        self._rejected_bytes += sum(len(rejected.data) for rejected in found.rejected)
        if self._rejected_bytes > MAX_REJECTED_BYTES:
            raise FileProblem(
                f"{len(self.rejected):,} lines are no records of {len(self._dialect.columns)} fields; the "
                f"first is line {self.rejected[0].line}: {self.rejected[0].reason}. Nothing was loaded; "
                "set `delimiter` or `quote` in YAML."
            )
        batch = self._batch(found)
        self.records += batch.num_rows
        self.line += used
        return (batch if batch.num_rows else None), used

    def _reject(self, found: _Found, number: int, data: bytes, *reasons: str) -> None:
        if "invalid_utf8" not in reasons and not is_text(data):
            reasons = ("invalid_utf8", *reasons)
        found.rejected.append(Rejected(self.line + number, data, ",".join(reasons)))

    # -- lines whose quotes are open at their end or stand elsewhere: one record at a time

    def _parse_irregular(
        self, lines: Lines, quotes: Quotes, is_free: Flags, found: _Found, *, is_final: bool
    ) -> int:
        """Parse the records that begin on such a line; returns the number of lines dealt with."""
        numbers = np.flatnonzero(~quotes.is_regular).tolist()
        if not numbers:
            return len(lines)
        data = lines.data[: lines.size].to_pybytes()
        starts = lines.starts.tolist()
        limit = lines.size
        behind = 0
        for number in numbers:
            if number < behind:
                continue
            record = read_record(data, starts[number], limit, self._delimiter, self._quote, self._ending)
            is_open = record.end is None and not record.reason
            if is_open and not is_final and limit - starts[number] <= MAX_RECORD_BYTES:
                return int(number)
            behind = number + 1 if record.end is None else bisect_left(starts, record.end)
            is_free[number:behind] = False
            line = lines.line(number)
            width = behind - number
            if record.end is None:
                self._reject(found, number, line, record.reason or "unclosed_quote")
            elif len(record.fields) != len(self._dialect.columns):
                # Over several lines the quote was most likely never closed: only its first line is refused.
                self._reject(found, number, line, "wrong_field_count" if width == 1 else "unclosed_quote")
                is_free[number + 1 : behind] = True
                behind = number + 1
            else:
                self._take(found, lines, number, behind, record.fields)
        return len(lines)

    def _take(
        self, found: _Found, lines: Lines, number: int, behind: int, fields: list[bytes | None]
    ) -> None:
        found.skipped += behind - number - 1
        try:
            values = [None if value is None else value.decode() for value in fields]
        except UnicodeDecodeError:
            whole = lines.data[int(lines.starts[number]) : int(lines.ends[behind - 1])].to_pybytes()
            self._reject(found, number, whole, "invalid_utf8")
            return
        if tuple(value or "" for value in values) == self._dialect.header:
            whole = lines.data[int(lines.starts[number]) : int(lines.ends[behind - 1])].to_pybytes()
            self._reject(found, number, whole, "repeated_header")
            return
        found.others.append(values)
        found.other_lines.append(self.line + number)

    # -- all other lines, all at once

    def _parse_regular(self, lines: Lines, numbers: Positions, quotes: Quotes, found: _Found) -> None:
        width = len(self._dialect.columns)
        if width > 1:
            is_blank = lines.ends[numbers] == lines.starts[numbers]
            found.skipped += int(is_blank.sum())
            numbers = numbers[~is_blank]
        if len(numbers) and not is_utf8(lines.data, int(lines.starts[0]), int(lines.ends[-1])):
            numbers = self._drop_invalid(lines, numbers, found)
        if not len(numbers):
            return
        fields = find_fields(lines, numbers, quotes, self._delimiter, width)
        for number in numbers[~fields.is_good].tolist():
            self._reject(found, number, lines.line(number), "wrong_field_count")
        numbers = numbers[fields.is_good]
        columns = [
            column(lines, fields.starts[:, position], fields.ends[:, position], self._quote)
            for position in range(width)
        ]
        if self._dialect.header:
            numbers, columns = self._drop_headers(lines, numbers, columns, found)
        found.columns = columns
        found.lines = numbers + self.line

    def _drop_invalid(self, lines: Lines, numbers: Positions, found: _Found) -> Positions:
        kept = []
        for number in numbers.tolist():
            line = lines.line(number)
            if is_text(line):
                kept.append(number)
                continue
            record = read_record(line, 0, len(line), self._delimiter, self._quote, self._ending)
            is_whole = len(record.fields) == len(self._dialect.columns)
            self._reject(found, number, line, "invalid_utf8", *(() if is_whole else ("wrong_field_count",)))
        return np.array(kept, np.int64)

    def _drop_headers(
        self, lines: Lines, numbers: Positions, columns: list[pa.Array], found: _Found
    ) -> tuple[Positions, list[pa.Array]]:
        """Refuse records that repeat the header."""
        first = pc.fill_null(
            pc.equal(columns[0].cast(pa.string()), self._dialect.header[0]), not self._dialect.header[0]
        )
        is_kept = np.ones(len(numbers), np.bool_)
        for position in np.flatnonzero(np.asarray(first)).tolist():
            if tuple(values[position].as_py() or "" for values in columns) == self._dialect.header:
                is_kept[position] = False
                number = int(numbers[position])
                self._reject(found, number, lines.line(number), "repeated_header")
        if is_kept.all():
            return numbers, columns
        kept = pa.array(np.flatnonzero(is_kept))
        return numbers[is_kept], [take_text(values, kept) for values in columns]

    def _batch(self, found: _Found) -> pa.RecordBatch:
        """All records of a chunk, in the order of their lines."""
        width = len(self._dialect.columns)
        columns = found.columns or [pa.nulls(0, pa.string_view())] * width
        numbers = found.lines
        if found.others:
            cells = [pa.array(values, pa.string()) for values in zip(*found.others, strict=True)]
            columns = [
                pa.concat_arrays([values.cast(pa.string()), more])
                for values, more in zip(columns, cells, strict=True)
            ]
            numbers = np.concatenate([numbers, np.array(found.other_lines, np.int64)])
            order = np.argsort(numbers, kind="stable")
            columns = [take_text(values, pa.array(order)) for values in columns]
            numbers = numbers[order]
        names = pa.repeat(self._source_file, len(numbers))
        return pa.RecordBatch.from_arrays([*columns, names, pa.array(numbers)], schema=self.schema)


def take_text(values: pa.Array, positions: pa.Array) -> pa.Array:
    """Some values of a text array, as `string_view`."""
    return values.cast(pa.string()).take(positions).cast(pa.string_view())
