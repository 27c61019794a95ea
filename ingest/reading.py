"""Reading one segment: open, check what is loaded already, hand the new bytes to the reader of its kind."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pyarrow as pa

from ingest.ahead import one_ahead
from ingest.content import (
    CHUNK_BYTES,
    Hasher,
    OnBytes,
    Source,
    fill,
    ignore_bytes,
    new_hash,
    open_content,
)
from ingest.csv_dialect import SAMPLE_BYTES, Dialect, find_dialect
from ingest.csv_records import read_csv
from ingest.declarations import SourceTable
from ingest.documents import read_documents
from ingest.lines import LF, shortened, split_lines
from ingest.parquet import read_parquet
from ingest.problems import FileProblem, unreadable
from ingest.results import Loaded
from ingest.segments import Segment
from ingest.transcoding import Transcoded

LARGE_BYTES = 1 << 20
"""Of line files above, a thread reads, hashes and splits the next lines while DuckDB packs the last."""

PrefixHashes = Mapping[str, Hasher]
"""Per path, the hash state after the loaded prefix, when the planner of this process has computed it."""


def read_segment(
    table: SourceTable, segment: Segment, prefixes: PrefixHashes, on_bytes: OnBytes = ignore_bytes
) -> Generator[pa.RecordBatch, None, Loaded]:
    """Yield a segment's rows (without load id).

    Args:
        table: says how the file is read.
        segment: what of which file.
        prefixes: hash states from planning.
        on_bytes: is told how many bytes were read from the disk.

    Raises:
        FileProblem: the file cannot be read, is damaged, or is not what the plan saw.
    """
    if table.kind == "parquet":
        return (yield from read_parquet(segment))
    if table.settings.get("encoding", "utf-8") != "utf-8":
        return (yield from _read_encoded(table, segment, on_bytes))
    with open_content(segment.path, segment.compression, on_bytes) as source:
        hasher = _skip_loaded(source, segment, prefixes.get(segment.path))
        dialect, read_before = _csv_dialect(table, segment, source) if table.kind == "csv" else (None, b"")
        newline = dialect.newline_byte if dialect else LF
        terminator = 0
        if segment.is_open_ended:
            read_before, terminator = _end_open_line(source, segment, hasher, newline)
        limit = None
        if segment.end_byte is not None:
            limit = segment.end_byte - segment.start_byte - terminator - len(read_before)
        chunks = split_lines(
            source,
            hasher=new_hash() if dialect else hasher,
            limit=limit,
            read_before=read_before,
            newline=newline,
        )
        if dialect:
            counts = yield from read_csv(chunks, segment, dialect, hasher)
        elif segment.size_bytes <= LARGE_BYTES:
            counts = yield from read_documents(chunks, table, segment, hasher)
        else:
            with closing(one_ahead(chunks)) as taken:
                counts = yield from read_documents(taken, table, segment, hasher)
    if segment.compression != "none":
        _check_unchanged(segment)
    if terminator:
        counts = replace(counts, byte_count=counts.byte_count + terminator)
    return Loaded(segment, counts, hasher.hexdigest())


def _read_encoded(
    table: SourceTable, segment: Segment, on_bytes: OnBytes
) -> Generator[pa.RecordBatch, None, Loaded]:
    """Read a CSV file that is not UTF-8: always whole, because its bytes and lines are counted apart."""
    if segment.start_byte:
        raise FileProblem(
            "The file grew after it was loaded; one that is not UTF-8 is loaded whole. Run forget-file on "
            "it, then ingest, once it is complete.",
            "changed",
        )
    hasher = new_hash()
    with open_content(segment.path, segment.compression, on_bytes) as encoded:
        source = Transcoded(encoded, str(table.settings["encoding"]), hasher, segment.end_byte)
        whole = replace(segment, end_byte=None, takes_tail=True)
        dialect, read_before = _csv_dialect(table, whole, source)
        chunks = split_lines(source, hasher=new_hash(), read_before=read_before, newline=dialect.newline_byte)
        counts = yield from read_csv(chunks, whole, dialect, new_hash())
    if segment.compression != "none":
        _check_unchanged(segment)
    return Loaded(segment, replace(counts, byte_count=source.length), hasher.hexdigest())


def _csv_dialect(table: SourceTable, segment: Segment, source: Source) -> tuple[Dialect, bytes]:
    """The dialect, and the bytes that were read to find it."""
    if segment.dialect is not None:
        return Dialect.from_json(segment.dialect), b""
    size = SAMPLE_BYTES
    if segment.end_byte is not None:
        size = min(size, segment.end_byte)
    buffer = memoryview(bytearray(size))
    start = bytes(buffer[: fill(source, buffer)])
    dialect = find_dialect(table, start)
    if dialect is None:
        raise FileProblem("The file holds no header yet, only blank lines.")
    return dialect, start


def _skip_loaded(source: Source, segment: Segment, known: Hasher | None) -> Hasher:
    """Move to `start_byte`; the hash state there."""
    if segment.start_byte == 0:
        return new_hash()
    if known is not None and isinstance(source, FileIO):
        source.seek(segment.start_byte)
        return known.copy()
    hasher = new_hash()
    buffer = memoryview(bytearray(CHUNK_BYTES))
    left = segment.start_byte
    while left:
        count = fill(source, buffer[: min(left, CHUNK_BYTES)])
        if not count:
            raise shortened()
        hasher.update(buffer[:count])
        left -= count
    if hasher.hexdigest() != segment.prefix_sha256:
        raise FileProblem("The file changed after it was planned; it is looked at again on the next run.")
    return hasher


def _end_open_line(source: Source, segment: Segment, hasher: Hasher, newline: int) -> tuple[bytes, int]:
    """Pass the terminator of a last line that was loaded without one.

    Returns:
        What was read behind the terminator, and the terminator's length.
    """
    buffer = memoryview(bytearray(2))
    start = bytes(buffer[: fill(source, buffer)])
    length = 1 if start.startswith(bytes([newline])) else 2 if start == b"\r\n" else 0
    if start == b"\r" and not length:
        raise FileProblem("The file ends within a line terminator; it is taken again on the next run.")
    if start and not length:
        raise FileProblem(
            f"Line {segment.lines_before} was loaded when it stood at the end of the file without a newline; "
            "now it goes on. Run forget-file on the file, then ingest; "
            "for a live log, set live_seconds in its YAML.",
            "changed",
        )
    hasher.update(memoryview(start)[:length])
    return start[length:], length


def _check_unchanged(segment: Segment) -> None:
    try:
        stat = Path(segment.path).stat()
    except OSError as error:
        raise unreadable(error) from error
    if (stat.st_size, stat.st_mtime_ns // 1000) != (segment.size_bytes, segment.modified_us):
        raise FileProblem("The file was replaced while it was read; it is taken again on the next run.")
