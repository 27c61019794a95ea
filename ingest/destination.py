"""dlt's DuckDB destination, taught our load jobs: exactly once, and no Python object per row."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import duckdb
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import LoadJob, RunnableLoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema import Schema
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.impl.duckdb.factory import duckdb as duckdb_destination

from ingest.api_jobs import run_api_job
from ingest.declarations import SourceTable
from ingest.destination_context import LoadContext
from ingest.jobs import run_file_job
from ingest.segments import read_job


class FileLoadJob(RunnableLoadJob):
    """Loads the file segments that a job file of ours names."""

    def __init__(self, file_path: str, context: LoadContext) -> None:
        super().__init__(file_path)
        self._context = context

    def run(self) -> None:
        """Split, insert and record in one transaction (called by dlt on a thread of its own)."""
        conn = cast(DuckDbClient, self._job_client).sql_client.native_connection
        job = read_job(Path(self._file_path))
        result = run_file_job(
            conn,
            job,
            self._load_id,
            self.job_id(),
            prefixes=self._context.prefixes,
            reporter=self._context.reporter,
        )
        self._context.results.append((*job.table.key, self._load_id, result))


class ApiLoadJob(RunnableLoadJob):
    """Loads API records that dlt has written to a Parquet file."""

    def __init__(self, file_path: str, context: LoadContext) -> None:
        super().__init__(file_path)
        self._context = context

    def run(self) -> None:
        """Insert and record in one transaction (called by dlt on a thread of its own)."""
        conn = cast(DuckDbClient, self._job_client).sql_client.native_connection
        table = self._context.tables.get(self.load_table_name) or self._undeclared()
        result = run_api_job(conn, table, Path(self._file_path), self._load_id, self.job_id())
        self._context.results.append((*table.key, self._load_id, result))

    def _undeclared(self) -> SourceTable:
        """The table of a package whose declaration is gone."""
        name = self.load_table_name
        schema = cast(DuckDbClient, self._job_client).sql_client.dataset_name
        return SourceTable(self._context.source_name, name, str(schema), name, "rest_api", {})


class WarehouseClient(DuckDbClient):
    """dlt's client with our jobs for raw tables."""

    context: LoadContext

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """Our job for our job files; dlt's own for dlt's tables."""
        name = str(table["name"])
        if not name.startswith("_dlt"):
            if file_path.endswith(".jsonl"):
                return FileLoadJob(file_path, self.context)
            if file_path.endswith(".parquet"):
                return ApiLoadJob(file_path, self.context)
        return super().create_load_job(table, file_path, load_id, restore)

    def complete_load(self, load_id: str) -> None:
        """Mark the load complete, once (dlt would do it again when it was killed just after)."""
        loads = self.sql_client.make_qualified_table_name(self.schema.loads_table_name)
        sql = f"select 1 from {loads} where load_id = %s and status = 0"
        if not self.sql_client.execute_sql(sql, load_id):
            super().complete_load(load_id)


class warehouse_destination(duckdb_destination):  # noqa: N801 (dlt names destinations like functions)
    """The warehouse as a dlt destination.

    Args:
        conn: our open connection, so that its settings and its lock are the only ones.
        context: shared by the load jobs.
    """

    def __init__(self, conn: duckdb.DuckDBPyConnection, context: LoadContext) -> None:
        super().__init__(conn)
        self._context = context

    @property
    def client_class(self) -> type[DuckDbClient]:
        """A client class bound to this run's context (dlt makes one client per job)."""
        context = self._context

        class Client(WarehouseClient):
            def __init__(
                self,
                schema: Schema,
                config: DuckDbClientConfiguration,
                capabilities: DestinationCapabilitiesContext,
            ) -> None:
                super().__init__(schema, config, capabilities)
                self.context = context

        return Client
