"""Load plans: which bytes of which file go where. Plain data, kept as JSON in a dlt load package."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.declarations import SourceTable


@dataclass(frozen=True)
class Copy:
    """A path that holds the same content as a segment: recorded as its twin, never loaded."""

    source_file: str
    file_version: int
    size_bytes: int
    modified_us: int
    compression: str
    head_sha256: str


@dataclass(frozen=True)
class Segment:
    """A stretch of one file that a job loads.

    All byte positions count in the uncompressed content.

    Args:
        source_file: the name the rows carry.
        path: where the bytes are read; may lose its bytes to rotation, hence not the name.
        size_bytes: of the file on disk when it was planned.
        modified_us: modification time when it was planned, microseconds since 1970 UTC.
        start_byte: bytes before it are loaded already; their hash is `prefix_sha256`.
        end_byte: read no further (plain files); None: to the end (compressed files).
        lines_before: physical lines before `start_byte`.
        is_open_ended: the loaded part ends in a line without newline that was taken as complete.
        takes_tail: a last line without newline is taken as complete.
        dialect: how the loaded part was read (CSV), JSON.
        moved_to: where a renamed log lies now: the file at `path`, while the rows keep the log's name.
        copies: twins found in the same run; they count only if this segment is loaded.
    """

    source_file: str
    file_version: int
    path: str
    size_bytes: int
    modified_us: int
    compression: str
    head_sha256: str
    start_byte: int = 0
    end_byte: int | None = None
    lines_before: int = 0
    prefix_sha256: str | None = None
    is_open_ended: bool = False
    takes_tail: bool = True
    dialect: str | None = None
    moved_to: str | None = None
    copies: tuple[Copy, ...] = ()

    def as_copy(self) -> Copy:
        """The file as the twin of another one."""
        return Copy(
            self.source_file,
            self.file_version,
            self.size_bytes,
            self.modified_us,
            self.compression,
            self.head_sha256,
        )


@dataclass(frozen=True)
class Rejected:
    """A record that the CSV parser refused: its first physical line, verbatim; reasons joined by commas."""

    line: int
    data: bytes
    reason: str


@dataclass(frozen=True)
class Counts:
    """What reading a segment found; `line_count` = records' lines + rejected + skipped lines.

    Args:
        byte_count: of the content that counts as loaded.
        waiting_bytes: of a last line that waits for its newline.
        is_open_ended: a last line without newline was taken.
        dialect: how the file was read, JSON (CSV).
    """

    line_count: int
    record_count: int
    byte_count: int
    waiting_bytes: int = 0
    is_open_ended: bool = False
    skipped_line_count: int = 0
    rejected: tuple[Rejected, ...] = ()
    dialect: str | None = None


@dataclass(frozen=True)
class FileJob:
    """What one load job does: segments of files into one raw table."""

    table: SourceTable
    segments: tuple[Segment, ...]


def write_job(job: FileJob, path: Path) -> None:
    """Write the job as JSON (names that are not valid UTF-8 survive)."""
    table = asdict(job.table)
    del table["key"]
    text = json.dumps({"table": table, "segments": [asdict(segment) for segment in job.segments]})
    path.write_text(text, encoding="ascii")


def read_job(path: Path) -> FileJob:
    """Read a job written by `write_job`."""
    data = json.loads(path.read_text(encoding="ascii"))
    table = data["table"] | {"columns": tuple((name, kind) for name, kind in data["table"]["columns"])}
    return FileJob(SourceTable(**table), tuple(_segment(row) for row in data["segments"]))


def _segment(row: Mapping[str, Any]) -> Segment:
    return Segment(**{**row, "copies": tuple(Copy(**copy) for copy in row["copies"])})


def split_jobs(
    table: SourceTable, segments: Sequence[Segment], *, max_bytes: int = 2 << 30, max_files: int = 5_000
) -> list[FileJob]:
    """Group segments, in order, into jobs: each is one transaction, so what a crash may cost is bounded."""
    jobs: list[list[Segment]] = []
    size = 0
    for segment in segments:
        load = segment.size_bytes - (segment.start_byte if segment.compression == "none" else 0)
        if not jobs or size + load > max_bytes or len(jobs[-1]) >= max_files:
            jobs.append([])
            size = 0
        jobs[-1].append(segment)
        size += load
    return [FileJob(table, tuple(group)) for group in jobs]
