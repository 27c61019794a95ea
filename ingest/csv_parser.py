"""Parsing CSV lines: records as text columns; what is no record is kept with its line and the reason."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.csv_dialect import Dialect
from ingest.csv_tokens import read_record
from ingest.lines import Lines, is_utf8, line_views
from ingest.problems import FileProblem
from ingest.segments import Rejected

MAX_RECORD_BYTES = 64 << 20
"""A quoted field that is still open after so many bytes is taken for an unclosed quote."""

MAX_REJECTED_BYTES = 256 << 20
"""More rejected lines in one file mean a wrong dialect; the file is refused whole."""


@dataclass
class _Found:
    """Records found out of order: of single unquoted lines, and of lines with quotes."""

    plain: list[pa.Array] = field(default_factory=list)
    plain_lines: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    quoted: list[list[str | None]] = field(default_factory=list)
    quoted_lines: list[int] = field(default_factory=list)
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
            [(name, pa.string()) for name in dialect.columns]
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
        is_plain = np.ones(len(lines), np.bool_)
        used = self._parse_quoted(lines, is_plain, found, is_final=is_final)
        self._parse_plain(lines, np.flatnonzero(is_plain[:used]), found)
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

    def _reject(self, found: _Found, number: int, data: bytes, reason: str) -> None:
        found.rejected.append(Rejected(self.line + number, data, reason))

    # -- lines with quotes, one record at a time

    def _parse_quoted(
        self, lines: Lines, is_plain: npt.NDArray[np.bool_], found: _Found, *, is_final: bool
    ) -> int:
        """Parse the records that begin on a line with quotes; returns the number of lines dealt with."""
        if not self._quote:
            return len(lines)
        view = np.frombuffer(lines.data, dtype=np.uint8)
        quotes = np.flatnonzero(view[lines.starts[0] : lines.ends[-1]] == self._quote[0]) + lines.starts[0]
        if not len(quotes):
            return len(lines)
        numbers = np.unique(np.searchsorted(lines.starts, quotes, side="right") - 1).tolist()
        data = lines.data.to_pybytes()
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
            is_plain[number:behind] = False
            line = lines.line(number)
            width = behind - number
            if record.end is None:
                self._reject(found, number, line, record.reason or "unclosed_quote")
            elif self._is_header(record.fields):
                self._reject(found, number, line, "repeated_header")
            elif len(record.fields) != len(self._dialect.columns):
                # Over several lines the quote was most likely never closed: only its first line is refused.
                self._reject(found, number, line, "wrong_field_count" if width == 1 else "unclosed_quote")
                is_plain[number + 1 : behind] = True
                behind = number + 1
            else:
                self._take(found, lines, number, behind, record.fields)
        return len(lines)

    def _is_header(self, fields: list[bytes | None]) -> bool:
        return tuple((value or b"").decode(errors="replace") for value in fields) == self._dialect.header

    def _take(
        self, found: _Found, lines: Lines, number: int, behind: int, fields: list[bytes | None]
    ) -> None:
        found.skipped += behind - number - 1
        try:
            found.quoted.append([None if value is None else value.decode() for value in fields])
            found.quoted_lines.append(self.line + number)
        except UnicodeDecodeError:
            whole = lines.data[int(lines.starts[number]) : int(lines.ends[behind - 1])].to_pybytes()
            self._reject(found, number, whole, "invalid_utf8")

    # -- lines without quotes, all at once

    def _parse_plain(self, lines: Lines, numbers: npt.NDArray[np.int64], found: _Found) -> None:
        """Split unquoted lines on the delimiter."""
        width = len(self._dialect.columns)
        if width > 1:
            is_blank = lines.ends[numbers] == lines.starts[numbers]
            found.skipped += int(is_blank.sum())
            numbers = numbers[~is_blank]
        if not len(numbers):
            return
        if not is_utf8(lines.data, int(lines.starts[0]), int(lines.ends[-1])):
            numbers = self._drop_invalid(lines, numbers, found)
        chosen = Lines(lines.data, lines.starts[numbers], lines.ends[numbers], lines.size)
        text = line_views(chosen, text=True).cast(pa.string())
        fields = pc.split_pattern(text, self._dialect.delimiter)
        is_good = np.asarray(pc.equal(pc.list_value_length(fields), width))
        reasons = np.where(is_good, "", "wrong_field_count")
        if self._dialect.header:
            header = self._dialect.delimiter.join(self._dialect.header)
            reasons[np.asarray(pc.equal(text, header))] = "repeated_header"
        for position in np.flatnonzero(reasons != ""):
            number = int(numbers[position])
            self._reject(found, number, lines.line(number), str(reasons[position]))
        is_good = reasons == ""
        if not is_good.all():
            fields = fields.filter(pa.array(is_good))
        values = fields.flatten()
        count = len(values) // width
        for column in range(width):
            cells = values.take(pa.array(np.arange(column, count * width, width)))
            found.plain.append(pc.if_else(pc.equal(cells, ""), None, cells))
        found.plain_lines = numbers[is_good] + self.line

    def _drop_invalid(
        self, lines: Lines, numbers: npt.NDArray[np.int64], found: _Found
    ) -> npt.NDArray[np.int64]:
        kept = []
        for number in numbers.tolist():
            line = lines.line(number)
            try:
                line.decode()
                kept.append(number)
            except UnicodeDecodeError:
                self._reject(found, number, line, "invalid_utf8")
        return np.array(kept, np.int64)

    def _batch(self, found: _Found) -> pa.RecordBatch:
        """All records of a chunk, in the order of their lines."""
        width = len(self._dialect.columns)
        columns = found.plain or [pa.nulls(0, pa.string())] * width
        numbers = found.plain_lines
        if found.quoted:
            cells = [pa.array(values, pa.string()) for values in zip(*found.quoted, strict=True)]
            columns = [pa.concat_arrays(pair) for pair in zip(columns, cells, strict=True)]
            numbers = np.concatenate([numbers, np.array(found.quoted_lines, np.int64)])
            order = np.argsort(numbers, kind="stable")
            columns = [column.take(pa.array(order)) for column in columns]
            numbers = numbers[order]
        names = pa.repeat(self._source_file, len(numbers))
        return pa.RecordBatch.from_arrays([*columns, names, pa.array(numbers)], schema=self.schema)
