"""A run of ingest: per source plan, load, record; one source failing does not stop the others."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from clickstream.errors import UserError
from clickstream.settings import Home
from clickstream.warehouse import connect
from ingest import ledger
from ingest.declarations import FILE_KINDS, SourceTable, read_declarations
from ingest.explaining import explain
from ingest.forgetting import forget_file
from ingest.packages import has_pending, pipelines_folder
from ingest.planning import plan_table
from ingest.problems import FileProblem
from ingest.progress import Reporter, Silent
from ingest.raw_tables import create_raw_tables
from ingest.recording import record_run
from ingest.report import FailedFile, IngestReport, TableReport
from ingest.source_run import SourceRun

__all__ = ["forget_file", "has_news", "ingest"]


def ingest(
    home: Home,
    manifest: Mapping[str, Any] | Path,
    *,
    sources: Sequence[str] | None = None,
    progress: Reporter | None = None,
) -> IngestReport:
    """Load what is new from the declared sources.

    Args:
        home: whose warehouse is filled.
        manifest: dbt's manifest, or the path of its manifest.json.
        sources: names of sources; None: all.
        progress: is told how far the run is.

    Raises:
        UserError: a wrong declaration, an unknown source name, or a warehouse that cannot be opened.
            What goes wrong with one file or source stands in the report instead.
    """
    tables = _chosen(read_declarations(_read(manifest)), sources)
    report = IngestReport(run_id=uuid.uuid4().hex)
    with connect(home) as conn:
        _prepare(conn, tables)
        for _, group in groupby(tables, key=lambda table: table.source_name):
            run = SourceRun(home, conn, list(group), progress or Silent())
            run.run()
            _note(conn, report.run_id, run.reports)
            report.tables.extend(run.reports)
    return report


def has_news(home: Home, manifest: Mapping[str, Any] | Path, *, sources: Sequence[str] | None = None) -> bool:
    """Whether `ingest` would have something to do; fast, writes nothing into raw tables.

    True too when an interrupted load waits, and when an API is declared (only asking it can tell).
    """
    tables = _chosen(read_declarations(_read(manifest)), sources)
    if any(table.kind == "rest_api" and table.settings["client"].get("base_url") for table in tables):
        return True
    with connect(home) as conn:
        _prepare(conn, tables)
        folder = pipelines_folder(home, conn)
        if any(has_pending(folder, name) for name in {table.source_name for table in tables}):
            return True
        try:
            return any(plan_table(conn, home, t).has_news for t in tables if t.kind in FILE_KINDS)
        except FileProblem:
            return True


def _prepare(conn: duckdb.DuckDBPyConnection, tables: Sequence[SourceTable]) -> None:
    try:
        ledger.create(conn)
        create_raw_tables(conn, tables)
    except duckdb.Error as error:
        raise UserError("The warehouse cannot be written.", where=explain(error)) from error


def _note(conn: duckdb.DuckDBPyConnection, run_id: str, reports: Sequence[TableReport]) -> None:
    """Record the run; where even that fails (a full disk), the report says so."""
    try:
        record_run(conn, run_id, reports)
    except duckdb.Error as error:
        for report in reports:
            report.failures.append(FailedFile(report.name, f"Not recorded: {explain(error)}"))


def _read(manifest: Mapping[str, Any] | Path) -> Mapping[str, Any]:
    if not isinstance(manifest, Path):
        return manifest
    content: Mapping[str, Any] = json.loads(manifest.read_bytes())
    return content


def _chosen(tables: list[SourceTable], sources: Sequence[str] | None) -> list[SourceTable]:
    if sources is None:
        return tables
    known = {table.source_name for table in tables}
    for name in sources:
        if name not in known:
            raise UserError(
                f"No source {name!r} with an ingest block.",
                where="--source",
                fix=f"Use some of: {', '.join(sorted(known)) or 'none is declared'}.",
            )
    return [table for table in tables if table.source_name in sources]
