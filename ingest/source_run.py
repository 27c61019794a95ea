"""One source within a run: finish what is pending, plan, load, collect the figures."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from clickstream.errors import UserError
from clickstream.settings import Home
from ingest import ledger
from ingest.declarations import FILE_KINDS, SourceTable
from ingest.destination_context import LoadContext
from ingest.jobs import transaction
from ingest.packages import Packages, has_pending, pipelines_folder
from ingest.planning import TablePlan, plan_table
from ingest.problems import FileProblem
from ingest.progress import Reporter
from ingest.recording import record_plan
from ingest.report import FailedFile, TableReport
from ingest.segments import split_jobs

MAX_ROUNDS = 5
"""Plans of one run: a second round loads what depends on the first (rotated logs)."""


class SourceRun:
    """Runs one source; its reports are there whatever happens."""

    def __init__(
        self, home: Home, conn: duckdb.DuckDBPyConnection, tables: Sequence[SourceTable], reporter: Reporter
    ) -> None:
        self._home = home
        self._conn = conn
        self._tables = tables
        self._context = LoadContext(reporter)
        self._packages: Packages | None = None
        started = ledger.now()
        self._by_key = {table.key: TableReport(*table.key, started_at=started) for table in tables}

    @property
    def reports(self) -> list[TableReport]:
        """One per table."""
        return list(self._by_key.values())

    def run(self) -> None:
        """Load what is new. Raises nothing but bugs: what fails is in the reports."""
        try:
            self._finish_pending()
            self._load_files()
        except Exception as error:
            for report in self.reports:
                report.failures.append(FailedFile(report.name, cause(error)))
        finally:
            self._collect()
            for report in self.reports:
                report.finished_at = ledger.now()

    def _dlt(self) -> Packages:
        if self._packages is None:
            first = self._tables[0]
            self._packages = Packages(self._home, self._conn, first.source_name, first.schema, self._context)
        return self._packages

    def _finish_pending(self) -> None:
        if has_pending(pipelines_folder(self._home, self._conn), self._tables[0].source_name):
            self._dlt().finish_pending()

    def _load_files(self) -> None:
        tables = [table for table in self._tables if table.kind in FILE_KINDS]
        for number in range(MAX_ROUNDS):
            plans = [plan for table in tables if (plan := self._plan(table, is_first=not number)) is not None]
            jobs = [job for plan in plans for job in split_jobs(plan.table, plan.segments)]
            if not jobs:
                return
            for plan in plans:
                self._context.prefixes.update(plan.prefixes)
                sizes = [segment.size_bytes for segment in plan.segments]
                self._context.reporter.start_table(
                    ".".join(plan.table.key), file_count=len(sizes), byte_count=sum(sizes)
                )
            self._dlt().load_files(jobs)
            for plan in plans:
                self._context.reporter.finish_table(".".join(plan.table.key))
            if not any(plan.is_incomplete for plan in plans):
                return

    def _plan(self, table: SourceTable, *, is_first: bool) -> TablePlan | None:
        report = self._by_key[table.key]
        try:
            plan = plan_table(self._conn, self._home, table)
        except FileProblem as problem:
            report.failures.append(FailedFile(", ".join(table.paths), problem.message))
            return None
        with transaction(self._conn):
            record_plan(self._conn, table, plan.rows, plan.problems)
        report.twin_count += sum(row.status == "twin" for row in plan.rows)
        report.waiting.extend(row.source_file for row in plan.rows if row.waiting_bytes)
        if is_first and not plan.file_count:
            report.message = f"No file matches {', '.join(table.paths)}."
        for row in plan.standing_problems if is_first else ():
            report.failures.append(FailedFile(row.source_file, row.message or "", row.status))
        for found in plan.problems:
            report.failures.append(
                FailedFile(found.segment.source_file, found.problem.message, found.problem.status)
            )
        return plan

    def _collect(self) -> None:
        for source_name, table_name, load_id, result in self._context.results:
            report = self._by_key.get((source_name, table_name))
            if report is None:
                continue
            for loaded in result.loaded:
                counts = loaded.counts
                report.file_count += 1
                report.row_count += counts.record_count
                report.byte_count += counts.byte_count
                report.rejected_count += len(counts.rejected)
                report.twin_count += len(loaded.segment.copies)
                if counts.waiting_bytes:
                    report.waiting.append(loaded.segment.source_file)
            for found in result.problems:
                report.failures.append(
                    FailedFile(found.segment.source_file, found.problem.message, found.problem.status)
                )
            if result.loaded and load_id not in report.load_ids:
                report.load_ids.append(load_id)


def cause(error: BaseException) -> str:
    """What stopped a source, in a sentence: the root of a chain of exceptions."""
    while True:
        deeper = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if deeper is None or isinstance(error, (UserError, duckdb.Error)):
            break
        error = deeper
    if isinstance(error, UserError):
        return str(error)
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''}"
