"""CSV files: the segment of a file as record batches, every physical line accounted for."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

import pyarrow as pa

from ingest.content import Hasher
from ingest.csv_dialect import BOM, Dialect
from ingest.csv_parser import Parser
from ingest.lines import Lines, Tail, lines_of
from ingest.problems import FileProblem
from ingest.segments import Counts, Segment


def read_csv(
    chunks: Generator[Lines, None, Tail], segment: Segment, dialect: Dialect, hasher: Hasher
) -> Generator[pa.RecordBatch, None, Counts]:
    """Turn the split lines of a segment into record batches.

    Args:
        chunks: from `split_lines`; its hasher is not used, as a record that is still open does not count.
        segment: says where the file goes on, and whether what is unfinished at its end is taken.
        dialect: of the file.
        hasher: is fed what counts as loaded.

    Raises:
        FileProblem: most lines are no records, or the lines do not add up.
    """
    reader = _Reader(segment, dialect, hasher)
    while True:
        try:
            lines = next(chunks)
        except StopIteration as stop:
            tail: Tail = stop.value
            break
        yield from reader.read(lines)
    is_open_ended = bool(tail.data) and segment.takes_tail
    if segment.takes_tail:
        yield from reader.finish(tail.data)
        waiting = 0
    else:
        waiting = len(reader.carried) + len(tail.data)
    return reader.counts(waiting, is_open_ended=is_open_ended)


class _Reader:
    """Keeps what is open between chunks: lines before the first record, and a record without its end."""

    def __init__(self, segment: Segment, dialect: Dialect, hasher: Hasher) -> None:
        self._dialect = dialect
        self._hasher = hasher
        self._has_bom = dialect.has_bom and segment.start_byte == 0
        self._lead = dialect.lead_lines if segment.start_byte == 0 else 0
        self._lead_read = 0
        self._lines = 0
        self._bytes = 0
        self._parser = Parser(dialect, segment.source_file, segment.lines_before + 1)
        self.carried = b""

    def read(self, lines: Lines, *, is_final: bool = False) -> Iterator[pa.RecordBatch]:
        """Parse a chunk, the carried lines first."""
        if self.carried:
            lines = lines_of(self.carried + lines.data[: lines.size].to_pybytes(), self._dialect.newline_byte)
        skipped = min(self._lead - self._lead_read, len(lines))
        self._lead_read += skipped
        self._parser.line += skipped
        rest = lines.after(skipped)
        if self._has_bom and not skipped and self._lines == 0 and len(rest):
            rest.starts[0] += len(BOM)
        batch, used = self._parser.parse(rest, is_final=is_final) if len(rest) else (None, 0)
        self._lines += skipped + used
        end = lines.size if skipped + used == len(lines) else int(lines.starts[skipped + used])
        self._hasher.update(memoryview(lines.data)[:end])
        self._bytes += end
        self.carried = lines.data[end : lines.size].to_pybytes()
        if batch is not None:
            yield batch

    def finish(self, tail: bytes) -> Iterator[pa.RecordBatch]:
        """Parse what is left: carried lines and a last line without newline; nothing more will come."""
        data, self.carried = self.carried + tail, b""
        if data:
            yield from self.read(lines_of(data, self._dialect.newline_byte), is_final=True)

    def counts(self, waiting_bytes: int, *, is_open_ended: bool) -> Counts:
        """The figures of the segment."""
        parser = self._parser
        counts = Counts(
            line_count=self._lines,
            record_count=parser.records,
            byte_count=self._bytes,
            waiting_bytes=waiting_bytes,
            is_open_ended=is_open_ended,
            skipped_line_count=self._lead_read + parser.skipped,
            rejected=tuple(parser.rejected),
            dialect=self._dialect.to_json(),
        )
        if counts.line_count != counts.record_count + len(counts.rejected) + counts.skipped_line_count:
            raise FileProblem(
                f"The lines do not add up: {replace(counts, rejected=())}, {len(counts.rejected)} rejected. "
                "Nothing was loaded; this is a defect of ingest, please report it with the file."
            )
        return counts
