"""One source within a run: finish what is pending, plan, load, collect the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import duckdb

from clickstream.settings import Home
from ingest import ledger
from ingest.declarations import FILE_KINDS, SourceTable
from ingest.destination_context import LoadContext
from ingest.explaining import explain
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


class _Stopped(Exception):  # noqa: N818 (its cause is in the reports)
    """What follows depends on what failed."""


def name_of(table: SourceTable) -> str:
    """`source.table`."""
    return ".".join(table.key)


class SourceRun:
    """Runs one source; its reports are there whatever happens."""

    def __init__(
        self, home: Home, conn: duckdb.DuckDBPyConnection, tables: Sequence[SourceTable], reporter: Reporter
    ) -> None:
        self._home = home
        self._conn = conn
        self._tables = tables
        self._reporter = reporter
        by_identifier = {table.identifier: table for table in tables}
        self._context = LoadContext(tables[0].source_name, by_identifier, reporter)
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
            for table in self._tables:
                if table.kind == "rest_api":
                    self._load_api(table)
        except _Stopped:
            pass
        finally:
            self._collect()
            for report in self.reports:
                report.finished_at = ledger.now()

    def _dlt(self) -> Packages:
        if self._packages is None:
            first = self._tables[0]
            self._packages = Packages(self._home, self._conn, first.source_name, first.schema, self._context)
        return self._packages

    @contextmanager
    def _told(self, tables: Sequence[SourceTable]) -> Iterator[None]:
        """Put an error into the reports of the tables concerned."""
        try:
            yield
        except Exception as error:
            for table in tables:
                report = self._by_key[table.key]
                report.failures.append(FailedFile(report.name, explain(error)))
            raise _Stopped from error

    def _finish_pending(self) -> None:
        if has_pending(pipelines_folder(self._home, self._conn), self._tables[0].source_name):
            with self._told(self._tables):
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
                self._reporter.start_table(name_of(plan.table), file_count=len(sizes), byte_count=sum(sizes))
            with suppress(_Stopped), self._told([plan.table for plan in plans if plan.segments]):
                self._dlt().load_files(jobs)
            for plan in plans:
                self._reporter.finish_table(name_of(plan.table))
            if not any(plan.is_incomplete for plan in plans):
                return

    def _load_api(self, table: SourceTable) -> None:
        if not table.settings["client"].get("base_url"):
            self._by_key[table.key].message = "client.base_url is empty: no API was asked."
            return
        name = name_of(table)

        def on_rows(count: int) -> None:
            self._reporter.advance(name, rows=count)

        self._reporter.start_table(name, file_count=0, byte_count=0)
        with suppress(_Stopped), self._told([table]):
            self._dlt().load_api(table, on_rows)
        self._reporter.finish_table(name)

    def _plan(self, table: SourceTable, *, is_first: bool) -> TablePlan | None:
        report = self._by_key[table.key]
        try:
            plan = plan_table(self._conn, self._home, table)
        except FileProblem as problem:
            report.failures.append(FailedFile(", ".join(table.paths), problem.message))
            return None
        with transaction(self._conn):
            record_plan(self._conn, table, plan.rows, plan.problems)
        report.twin_count += sum(row.status == "twin" and not row.waiting_bytes for row in plan.rows)
        report.waiting.extend(row.source_file for row in plan.rows if row.waiting_bytes)
        if is_first and not plan.file_count:
            report.message = f"No file matches {', '.join(table.paths) or 'an empty path'}."
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
            report.row_count += result.api_row_count
            report.byte_count += result.api_byte_count
            if result.api_row_count and load_id not in report.load_ids:
                report.load_ids.append(load_id)
