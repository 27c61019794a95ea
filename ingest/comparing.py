"""Comparing one file with the ledger: new, twin, grown, touched, moved, restarted or changed."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Protocol

import duckdb

from ingest import ledger
from ingest.content import Digest, Hasher, digest
from ingest.declarations import LINE_KINDS, SourceTable
from ingest.file_rows import empty_row, seen_row, twin_row
from ingest.ledger import FileRow
from ingest.listing import FoundFile
from ingest.probing import Heads, brings_lines, repeats_lines
from ingest.problems import FileProblem
from ingest.segments import Segment

DEFAULT_LIVE_SECONDS = 3600
"""How long after its last change a live file's unfinished last line may still be continued."""


class Findings(Protocol):
    """Where a comparison puts what it found (see `planning.TablePlan`)."""

    rows: list[FileRow]
    prefixes: dict[str, Hasher]
    is_incomplete: bool


class Comparison:
    """Looks at files in order of their names; remembers what this run will load, for twins within it."""

    def __init__(
        self,
        conn: duckdb.DuckDBPyConnection,
        table: SourceTable,
        findings: Findings,
        heads: Mapping[str, Heads],
        listed: Collection[str],
    ) -> None:
        self._conn = conn
        self._table = table
        self._findings = findings
        self._heads = heads
        self._listed = listed
        self._rewritten: set[str] = set()
        self._planned: dict[str, Segment] = {}
        self._paths_by_head: dict[str, list[str]] = {}
        self._digests: dict[str, Digest] = {}
        self._loaded_by_head = self._read_loaded({head.sha256 for head in heads.values()})

    @property
    def segments(self) -> list[Segment]:
        """What is to be loaded, in order of file names."""
        return sorted(self._planned.values(), key=lambda segment: segment.source_file)

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
            segment = self._continued(file, known)
            if segment.takes_tail:
                self._plan(segment)
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
        for path in self._paths_by_head.get(segment.head_sha256, ()):
            planned = self._planned.get(path)
            if planned is not None and self._total(planned) == self._total(segment):
                self._planned[path] = replace(planned, copies=(*planned.copies, segment.as_copy()))
                return
        moved = self._moved(segment)
        if moved is not None:
            self._continue_moved(segment, moved)
        else:
            self._plan(segment)

    def _plan(self, segment: Segment) -> None:
        self._planned[segment.path] = segment
        self._paths_by_head.setdefault(segment.head_sha256, []).append(segment.path)

    def _loaded_twin(self, segment: Segment) -> str | None:
        """The loaded file whose content is exactly this one's."""
        for row in self._loaded_by_head.get(segment.head_sha256, ()):
            if (row.loaded_bytes, row.content_sha256) == self._total(segment):
                return row.source_file
        return None

    def _total(self, segment: Segment) -> tuple[int, str]:
        found = self._digest(segment)
        return found.length, found.total.hexdigest()

    def _digest(self, segment: Segment) -> Digest:
        if segment.path not in self._digests:
            marks = [row.loaded_bytes or 0 for row in self._loaded_by_head.get(segment.head_sha256, ())]
            self._digests[segment.path] = digest(
                segment.path, segment.compression, marks, end=segment.end_byte
            )
        return self._digests[segment.path]

    # -- a log that was renamed (rotated) and has grown meanwhile

    def _moved(self, segment: Segment) -> FileRow | None:
        """The loaded log that goes on in this file: it begins with its content, which its path has lost."""
        if self._table.kind not in LINE_KINDS:
            return None
        for row in self._loaded_by_head.get(segment.head_sha256, ()):
            mark = self._digest(segment).marks.get(row.loaded_bytes or 0)
            if mark is not None and mark.hexdigest() == row.content_sha256 and self._has_left(row):
                return row
        return None

    def _has_left(self, row: FileRow) -> bool:
        if row.source_file not in self._listed or row.source_file in self._rewritten:
            return True
        newest = ledger.scalar(
            self._conn,
            """select max(file_version) from ingest.files
            where source_name = ? and table_name = ? and source_file = ?""",
            [*self._table.key, row.source_file],
        )
        return int(newest) > row.file_version

    def _continue_moved(self, segment: Segment, row: FileRow) -> None:
        """Load what the log has got since, under the name and line numbers that it had."""
        prefix = self._digest(segment).marks[row.loaded_bytes or 0]
        going_on = replace(
            self._after(segment, row), source_file=row.source_file, file_version=row.file_version
        )
        waiting = self._digest(segment).length - going_on.start_byte
        if not going_on.takes_tail and not brings_lines(going_on, self._table.kind):
            twin = twin_row(self._table, segment, row.source_file)
            self._findings.rows.append(replace(twin, waiting_bytes=waiting))
            return
        for path, planned in list(self._planned.items()):
            if planned.source_file == row.source_file:  # a load takes one stretch of a name
                self._findings.is_incomplete = True
                if planned.file_version == row.file_version:
                    return
                del self._planned[path]
        self._findings.prefixes[segment.path] = prefix
        self._plan(replace(going_on, copies=(segment.as_copy(),), moved_to=segment.source_file))

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
        if waiting and (segment.takes_tail or brings_lines(segment, self._table.kind)):
            self._findings.prefixes[file.path] = prefix
            self._plan(segment)
        else:
            self._findings.rows.append(seen_row(known, segment, waiting))

    def _look_at_rewritten(self, file: FoundFile, known: FileRow) -> None:
        """The loaded part is no longer there: another known content, a restarted log, or a changed file."""
        segment = self._segment(file, known.file_version + 1)
        twin_of = self._loaded_twin(segment)
        is_log = self._table.kind in LINE_KINDS
        if twin_of is not None or (is_log and not repeats_lines(self._conn, self._table, segment, known)):
            self._rewritten.add(file.source_file)
            self._look_at_new(segment)
            return
        raise FileProblem(
            f"What was loaded from this file ({known.line_count:,} lines) no longer stands in it. Nothing "
            "was loaded. Put the earlier file back; or run forget-file on it, then ingest, to load it anew.",
            "changed",
        )

    # -- segments

    def _segment(self, file: FoundFile, version: int) -> Segment:
        head = self._heads[file.path]
        segment = Segment(
            file.source_file,
            version,
            file.path,
            file.size_bytes,
            file.modified_us,
            head.compression,
            head.sha256,
            end_byte=file.size_bytes if head.compression == "none" else None,
        )
        return replace(segment, takes_tail=self._is_finished(segment, is_known=False))

    def _continued(self, file: FoundFile, known: FileRow) -> Segment:
        return self._after(self._segment(file, known.file_version), known)

    def _after(self, segment: Segment, known: FileRow) -> Segment:
        """What of a file comes after its loaded part."""
        return replace(
            segment,
            start_byte=known.loaded_bytes or 0,
            lines_before=known.line_count or 0,
            prefix_sha256=known.content_sha256,
            is_open_ended=known.is_open_ended,
            dialect=known.dialect,
            takes_tail=self._is_finished(segment, is_known=True),
        )

    def _is_finished(self, segment: Segment, *, is_known: bool) -> bool:
        """Whether a last line without newline counts as complete.

        Compressed files are finished. A plain file is, when it has not been changed for `live_seconds`:
        unless set, an hour for JSON lines and for a file that was seen growing, else 0.
        """
        if segment.compression != "none":
            return True
        is_live = is_known or self._table.kind == "jsonl"
        seconds = float(self._table.settings.get("live_seconds", DEFAULT_LIVE_SECONDS if is_live else 0))
        return not seconds or abs(time.time() - segment.modified_us / 1e6) >= seconds


def _is_same(file: FoundFile, known: FileRow) -> bool:
    return (file.size_bytes, file.modified_us) == (known.size_bytes, known.modified_us)
