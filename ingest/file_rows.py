"""Ledger rows of files that need no load."""

from __future__ import annotations

from dataclasses import replace

from ingest.declarations import SourceTable
from ingest.ledger import FileRow, waiting_message
from ingest.segments import Segment


def _row(table: SourceTable, segment: Segment) -> FileRow:
    return FileRow(
        *table.key,
        source_file=segment.source_file,
        file_version=segment.file_version,
        status="loaded",
        size_bytes=segment.size_bytes,
        modified_us=segment.modified_us,
        head_sha256=segment.head_sha256,
        compression=segment.compression,
    )


def empty_row(table: SourceTable, segment: Segment) -> FileRow:
    """A file without content: loaded, no lines."""
    empty = segment.head_sha256
    return replace(_row(table, segment), loaded_bytes=0, line_count=0, content_sha256=empty)


def twin_row(table: SourceTable, segment: Segment, twin_of: str) -> FileRow:
    """A file whose content is loaded under another name."""
    return replace(_row(table, segment), status="twin", twin_of=twin_of)


def seen_row(known: FileRow, segment: Segment, waiting_bytes: int) -> FileRow:
    """A file that brings nothing new but another time stamp, or an unfinished line."""
    return replace(
        known,
        status="loaded",
        size_bytes=segment.size_bytes,
        modified_us=segment.modified_us,
        head_sha256=segment.head_sha256,
        compression=segment.compression,
        waiting_bytes=waiting_bytes,
        message=waiting_message(waiting_bytes) if waiting_bytes else None,
    )
