"""Reading one segment: open, check what is loaded already, hand the new bytes to the reader of its kind."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pyarrow as pa

from ingest.content import CHUNK_BYTES, Hasher, Source, fill, new_hash, open_content
from ingest.declarations import LINE_KINDS, SourceTable
from ingest.documents import read_documents
from ingest.lines import shortened, split_lines
from ingest.problems import FileProblem, unreadable
from ingest.results import Loaded
from ingest.segments import Segment

PrefixHashes = Mapping[str, Hasher]
"""Per path, the hash state after the loaded prefix, when the planner of this process has computed it."""


def read_segment(
    table: SourceTable, segment: Segment, prefixes: PrefixHashes
) -> Generator[pa.RecordBatch, None, Loaded]:
    """Yield a segment's rows (without load id).

    Raises:
        FileProblem: the file cannot be read, is damaged, or is not what the plan saw.
    """
    with open_content(segment.path, segment.compression) as source:
        hasher = _skip_loaded(source, segment, prefixes.get(segment.path))
        read_before, terminator = b"", 0
        limit = None if segment.end_byte is None else segment.end_byte - segment.start_byte
        if segment.is_open_ended:
            read_before, terminator = _end_open_line(source, segment, hasher)
            limit = None if limit is None else limit - terminator - len(read_before)
        chunks = split_lines(source, hasher=hasher, limit=limit, read_before=read_before)
        if table.kind in LINE_KINDS:
            counts = yield from read_documents(chunks, table, segment, hasher)
        else:
            raise NotImplementedError(table.kind)
    if segment.compression != "none":
        _check_unchanged(segment)
    if terminator:
        counts = replace(counts, byte_count=counts.byte_count + terminator)
    return Loaded(segment, counts, hasher.hexdigest())


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


def _end_open_line(source: Source, segment: Segment, hasher: Hasher) -> tuple[bytes, int]:
    """Pass the terminator of a last line that was loaded without one.

    Returns:
        What was read behind the terminator, and the terminator's length.
    """
    buffer = memoryview(bytearray(2))
    start = bytes(buffer[: fill(source, buffer)])
    length = 1 if start.startswith(b"\n") else 2 if start == b"\r\n" else 0
    if start == b"\r":
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
