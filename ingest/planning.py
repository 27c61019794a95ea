"""Planning: what is new in the files of a table, compared with the ledger. Reads files, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from clickstream.settings import Home
from ingest import ledger
from ingest.comparing import Comparison
from ingest.content import Hasher
from ingest.declarations import SourceTable
from ingest.ledger import FileRow
from ingest.listing import FoundFile, list_files
from ingest.probing import Heads
from ingest.problems import FileProblem, unexpected
from ingest.results import Problem
from ingest.segments import Segment


@dataclass
class TablePlan:
    """What to do for one table.

    Args:
        segments: to load, in order of file names.
        rows: ledger rows that need no load (touched, twins of loaded files, empty files, refused files).
        problems: files that cannot be loaded, with what the ledger said of them before.
        standing_problems: files refused earlier that still lie there as they were.
        prefixes: hash states after loaded prefixes, so that the load need not read them again.
        file_count: files that match the declaration.
        is_incomplete: more can be planned once these segments are loaded.
    """

    table: SourceTable
    segments: list[Segment] = field(default_factory=list)
    rows: list[FileRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    standing_problems: list[FileRow] = field(default_factory=list)
    prefixes: dict[str, Hasher] = field(default_factory=dict)
    file_count: int = 0
    is_incomplete: bool = False

    @property
    def has_news(self) -> bool:
        """Whether anything is to be loaded or written to the ledger."""
        return bool(self.segments or self.rows or self.problems)


def plan_table(conn: duckdb.DuckDBPyConnection, home: Home, table: SourceTable) -> TablePlan:
    """Compare a table's files with the ledger.

    A file whose size and modification time are as recorded is not opened.

    Raises:
        FileProblem: a folder cannot be read.
    """
    found = list_files(home, table)
    plan = TablePlan(table, file_count=len(found))
    news = _news(conn, table, found, plan)
    heads: dict[str, Heads] = {}
    for file, known in news:
        try:
            heads[file.path] = Heads.read(file.path, table)
        except FileProblem as problem:
            plan.problems.append(Problem(_unread(file, known), problem))
    comparison = Comparison(conn, table, plan, heads, {file.source_file for file in found})
    # Known files first: where a log was moved to, can only be told once its path was looked at.
    for file, known in sorted(news, key=lambda pair: pair[1] is None or not pair[1].has_content):
        if file.path in heads:
            try:
                comparison.look_at(file, known)
            except FileProblem as problem:
                plan.problems.append(Problem(_unread(file, known), problem))
            except (OSError, ValueError, MemoryError) as error:
                plan.problems.append(Problem(_unread(file, known), unexpected(error)))
    plan.segments = comparison.segments
    return plan


def _unread(file: FoundFile, known: FileRow | None) -> Segment:
    version = known.file_version if known else 1
    return Segment(file.source_file, version, file.path, file.size_bytes, file.modified_us, "none", "")


def _news(
    conn: duckdb.DuckDBPyConnection, table: SourceTable, found: Sequence[FoundFile], plan: TablePlan
) -> list[tuple[FoundFile, FileRow | None]]:
    """The files whose recorded state is not the present one, each with the newest ledger row of its path."""
    listed = pa.table(
        {
            "source_file": [file.source_file for file in found],
            "size_bytes": pa.array([file.size_bytes for file in found], pa.int64()),
            "modified_us": pa.array([file.modified_us for file in found], pa.int64()),
            "position": pa.array(range(len(found)), pa.int64()),
        }
    )
    conn.register("_listed", listed)
    try:
        new = conn.execute(
            """select l.position from _listed as l anti join ingest.files as f
            on f.source_file = l.source_file and f.source_name = ? and f.table_name = ?""",
            list(table.key),
        ).fetchall()
        rows = ledger.read_files(
            conn,
            """f.source_name = ? and f.table_name = ?
            qualify row_number() over (partition by f.source_file order by f.file_version desc) = 1
                and (l.size_bytes is distinct from f.size_bytes
                     or l.modified_us is distinct from epoch_us(f.modified_at)
                     or f.status in ('failed', 'changed') or f.waiting_bytes > 0)""",
            table.key,
            join="join _listed as l on l.source_file = f.source_file",
        )
    finally:
        conn.unregister("_listed")
    by_name = {file.source_file: file for file in found}
    news: list[tuple[FoundFile, FileRow | None]] = [(found[position], None) for (position,) in new]
    for row in rows:
        file = by_name[row.source_file]
        is_same = (row.size_bytes, row.modified_us) == (file.size_bytes, file.modified_us)
        if row.status == "changed" and is_same:
            plan.standing_problems.append(row)
        else:
            news.append((file, row))
    return sorted(news, key=lambda pair: pair[0].source_file)
