"""Comparing one file with the ledger: new, twin, grown, touched, restarted or changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import FileIO
from typing import Protocol

import duckdb

from ingest import ledger
from ingest.content import (
    Digest,
    Hasher,
    Source,
    detect_compression,
    digest,
    fill,
    new_hash,
    open_content,
    read_head,
)
from ingest.declarations import LINE_KINDS, SourceTable
from ingest.documents import is_complete_json
from ingest.file_rows import empty_row, seen_row, twin_row
from ingest.ledger import FileRow
from ingest.listing import FoundFile
from ingest.problems import FileProblem
from ingest.segments import Segment

DEFAULT_LIVE_SECONDS = 3600
"""How long after its last change a live file's unfinished last line may still be continued."""

PROBE_BYTES = 1 << 20
PROBE_LINES = 64
"""A rewritten file is changed, not restarted, when half of its first lines were loaded from it before."""


class Findings(Protocol):
    """Where a comparison puts what it found (see `planning.TablePlan`)."""

    segments: list[Segment]
    rows: list[FileRow]
    prefixes: dict[str, Hasher]


@dataclass(frozen=True)
class Heads:
    """The beginning of a file.

    Args:
        compression: `none`, `gzip` or `zstd`.
        length: of the head: 4 KiB, or less when the content is shorter.
    """

    compression: str
    length: int
    sha256: str

    @classmethod
    def read(cls, path: str, table: SourceTable) -> Heads:
        """Open a file and look at its first 4 KiB."""
        setting = "none" if table.kind == "parquet" else str(table.settings.get("compression", "auto"))
        compression = detect_compression(path, setting)
        head = read_head(path, compression)
        hasher = new_hash()
        hasher.update(memoryview(head))
        return cls(compression, len(head), hasher.hexdigest())


class Comparison:
    """Looks at files in order of their names; remembers what this run will load, for twins within it."""

    def __init__(
        self,
        conn: duckdb.DuckDBPyConnection,
        table: SourceTable,
        findings: Findings,
        heads: Mapping[str, Heads],
    ) -> None:
        self._conn = conn
        self._table = table
        self._findings = findings
        self._heads = heads
        self._planned_by_head: dict[str, list[int]] = {}
        self._digests: dict[str, Digest] = {}
        self._loaded_by_head = self._read_loaded({head.sha256 for head in heads.values()})

    def _read_loaded(self, heads: set[str]) -> dict[str, list[FileRow]]:
        rows = ledger.read_files(
            self._conn,
            """f.source_name = ? and f.table_name = ? and f.load_id is not null
            and f.status not in ('forgotten', 'twin')
            and f.head_sha256 in (select unnest(cast(? as varchar[])))""",
            [*self._table.key, list(heads)],
        )
        by_head: dict[str, list[FileRow]] = {}
        for row in rows:
            by_head.setdefault(row.head_sha256 or "", []).append(row)
        return by_head

    def look_at(self, file: FoundFile, known: FileRow | None) -> None:
        """Decide what is to be done with one file.

        Args:
            file: as it lies there now.
            known: the newest ledger row of its path.

        Raises:
            FileProblem: it cannot be read, or what was loaded from it no longer stands in it.
        """
        if known is None or not known.has_content:
            version = 1 if known is None else known.file_version + (known.status == "forgotten")
            self._look_at_new(self._segment(file, version))
        elif known.waiting_bytes and _is_same(file, known) and known.status == "loaded":
            if self._takes_tail(file, is_known=True):
                self._findings.segments.append(self._continued(file, known))
        else:
            self._look_at_known(file, known)

    # -- a path without loaded content

    def _look_at_new(self, segment: Segment) -> None:
        if not self._heads[segment.path].length:
            self._findings.rows.append(empty_row(self._table, segment))
            return
        twin_of = self._loaded_twin(segment)
        if twin_of is not None:
            self._findings.rows.append(twin_row(self._table, segment, twin_of))
            return
        planned = self._findings.segments
        for position in self._planned_by_head.get(segment.head_sha256, ()):
            if self._total(planned[position]) == self._total(segment):
                copies = (*planned[position].copies, segment.as_copy())
                planned[position] = replace(planned[position], copies=copies)
                return
        self._planned_by_head.setdefault(segment.head_sha256, []).append(len(planned))
        planned.append(segment)

    def _loaded_twin(self, segment: Segment) -> str | None:
        """The loaded file whose content is exactly this one's."""
        for row in self._loaded_by_head.get(segment.head_sha256, ()):
            if (row.loaded_bytes, row.content_sha256) == self._total(segment):
                return row.source_file
        return None

    def _total(self, segment: Segment) -> tuple[int, str]:
        if segment.path not in self._digests:
            self._digests[segment.path] = digest(segment.path, segment.compression, end=segment.end_byte)
        found = self._digests[segment.path]
        return found.length, found.total.hexdigest()

    # -- a path with loaded content

    def _look_at_known(self, file: FoundFile, known: FileRow) -> None:
        compression = self._heads[file.path].compression
        loaded = known.loaded_bytes or 0
        end = min(loaded, file.size_bytes) if compression == "none" else None
        found = digest(file.path, compression, [loaded], end=end)
        prefix = found.marks.get(loaded)
        length = file.size_bytes if compression == "none" else found.length
        is_longer_whole = self._table.kind == "parquet" and length != loaded
        if prefix is None or prefix.hexdigest() != known.content_sha256 or is_longer_whole:
            self._look_at_rewritten(file, known)
            return
        segment = self._continued(file, known)
        waiting = length - loaded
        if waiting and (segment.takes_tail or self._brings_lines(segment)):
            self._findings.prefixes[file.path] = prefix
            self._findings.segments.append(segment)
        else:
            self._findings.rows.append(seen_row(known, segment, waiting))

    def _brings_lines(self, segment: Segment) -> bool:
        """Whether a plain file holds more than the beginning of a line behind its loaded part."""
        left = segment.size_bytes - segment.start_byte
        new = b""
        with open_content(segment.path, "none") as source:
            _skip(source, segment.start_byte)
            while left:
                buffer = memoryview(bytearray(min(left, PROBE_BYTES)))
                count = fill(source, buffer)
                if not count or b"\n" in bytes(buffer[:count]):
                    return bool(count)
                new += buffer[:count]
                left -= count
        return self._table.kind == "jsonl" and is_complete_json(new)

    def _look_at_rewritten(self, file: FoundFile, known: FileRow) -> None:
        """The loaded part is no longer there: another known content, a restarted log, or a changed file."""
        segment = self._segment(file, known.file_version + 1)
        twin_of = self._loaded_twin(segment)
        is_log = self._table.kind in LINE_KINDS
        if twin_of is not None or (is_log and not self._repeats_lines(segment, known)):
            self._look_at_new(segment)
            return
        raise FileProblem(
            f"What was loaded from this file ({known.line_count:,} lines) no longer stands in it. Nothing "
            "was loaded. Put the earlier file back; or run forget-file on it, then ingest, to load it anew.",
            "changed",
        )

    def _repeats_lines(self, segment: Segment, known: FileRow) -> bool:
        """Whether the file's first lines are, at least by half, lines that were loaded from it before."""
        start = read_head(segment.path, segment.compression, PROBE_BYTES)
        complete, newline, _ = start.rpartition(b"\n")
        lines = (complete if newline else start).replace(b"\r\n", b"\n").split(b"\n")
        probes = [line.decode(errors="replace") for line in lines[:PROBE_LINES] if line]
        if not probes:
            return False
        repeated = ledger.scalar(
            self._conn,
            f"""select count(*) from (select unnest(cast(? as varchar[])) as payload) as probe
            where payload in (
                select payload from {self._table.relation} where _source_file = ? and _dlt_load_id in (
                    select load_id from ingest.arrivals
                    where source_name = ? and table_name = ? and source_file = ? and file_version = ?))""",
            [probes, known.source_file, *self._table.key, known.source_file, known.file_version],
        )
        return 2 * int(repeated) >= len(probes)

    # -- segments

    def _segment(self, file: FoundFile, version: int) -> Segment:
        head = self._heads[file.path]
        return Segment(
            file.source_file,
            version,
            file.path,
            file.size_bytes,
            file.modified_us,
            head.compression,
            head.sha256,
            end_byte=file.size_bytes if head.compression == "none" else None,
            takes_tail=self._takes_tail(file, is_known=False),
        )

    def _continued(self, file: FoundFile, known: FileRow) -> Segment:
        return replace(
            self._segment(file, known.file_version),
            start_byte=known.loaded_bytes or 0,
            lines_before=known.line_count or 0,
            prefix_sha256=known.content_sha256,
            is_open_ended=known.is_open_ended,
            dialect=known.dialect,
            takes_tail=self._takes_tail(file, is_known=True),
        )

    def _takes_tail(self, file: FoundFile, *, is_known: bool) -> bool:
        """Whether a last line without newline counts as complete.

        Compressed files are complete. A plain file's last line waits while the file is younger than
        `live_seconds`: unless set, an hour for JSON lines and for a file that was seen growing, else 0.
        """
        if self._heads[file.path].compression != "none":
            return True
        is_live = is_known or self._table.kind == "jsonl"
        seconds = float(self._table.settings.get("live_seconds", DEFAULT_LIVE_SECONDS if is_live else 0))
        return abs(time.time() - file.modified_us / 1e6) >= seconds or not seconds


def _skip(source: Source, start: int) -> None:
    if isinstance(source, FileIO):
        source.seek(start)


def _is_same(file: FoundFile, known: FileRow) -> bool:
    return (file.size_bytes, file.modified_us) == (known.size_bytes, known.modified_us)
