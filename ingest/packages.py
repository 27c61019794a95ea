"""dlt load packages: extract a plan into one, load it, finish what an earlier run left."""

from __future__ import annotations

import gc
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from clickstream.settings import PROJECT, Home
from ingest import ledger
from ingest.declarations import SourceTable
from ingest.destination_context import LoadContext
from ingest.segments import FileJob, write_job

_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "LOAD__WORKERS": "1",
    "LOAD__RAISE_ON_MAX_RETRIES": "1",
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "EXTRACT__WORKERS": "1",
    "NORMALIZE__WORKERS": "1",
}
"""dlt's settings. One job at a time: a job is a transaction that uses all cores. A job that fails is not
repeated at once (a full disk stays full); its package waits for the next run."""


def pipeline_name(source_name: str) -> str:
    """The dlt pipeline of a source."""
    return f"clickstream_{source_name}"


def pipelines_folder(home: Home, conn: duckdb.DuckDBPyConnection) -> Path:
    """Where dlt works: a folder that belongs to this very warehouse file, so that a new one starts afresh."""
    return home.state / "dlt" / str(ledger.scalar(conn, "select warehouse_id from ingest.warehouse"))


def _point_to_secrets(home: Home) -> None:
    """Let dlt find .dlt/secrets.toml in the home, else in the project, and keep its own files in the home."""
    folder = next((root for root in (home.root, PROJECT) if (root / ".dlt").is_dir()), home.root)
    os.environ.setdefault("DLT_PROJECT_DIR", str(folder))
    os.environ.setdefault("DLT_DATA_DIR", str(home.state / "dlt"))


def has_pending(folder: Path, source_name: str) -> bool:
    """Whether a load package of an earlier run waits to be finished; does not import dlt."""
    work = folder / pipeline_name(source_name)
    return any(_has_entries(work / stage) for stage in ("load/normalized", "normalize/extracted"))


def _has_entries(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _mend(work: Path) -> None:
    """Drop what dlt had normalized, but not yet deleted, when it was killed: it would fail on it for ever."""
    extracted, normalized = work / "normalize" / "extracted", work / "load" / "normalized"
    if extracted.is_dir():
        for package in extracted.iterdir():
            if (normalized / package.name).is_dir():
                shutil.rmtree(package)


class Packages:
    """The dlt pipeline of one source.

    Raises:
        Exception: whatever dlt raises when a package cannot be loaded; the package then waits.
    """

    def __init__(
        self, home: Home, conn: duckdb.DuckDBPyConnection, source_name: str, schema: str, context: LoadContext
    ) -> None:
        os.environ.update({name: os.environ.get(name, value) for name, value in _SETTINGS.items()})
        _point_to_secrets(home)
        import dlt

        from ingest.destination import warehouse_destination

        logging.getLogger("dlt").setLevel(logging.CRITICAL)
        self._folder = pipelines_folder(home, conn)
        work = self._folder / pipeline_name(source_name)
        if has_pending(self._folder, source_name):
            _mend(work)
        else:
            # The warehouse keeps dlt's state; what is left here is of no use, and could be of another time.
            shutil.rmtree(work, ignore_errors=True)
        self._pipeline = dlt.pipeline(
            pipeline_name(source_name),
            pipelines_dir=str(self._folder),
            destination=warehouse_destination(conn, context),
            dataset_name=schema,
        )

    def finish_pending(self) -> None:
        """Load what an interrupted run left; what was extracted only in part is dropped."""
        if self._pipeline.has_pending_data:
            self._pipeline.run()

    def load_api(self, table: SourceTable, on_rows: Callable[[int], None]) -> None:
        """Ask an API for what is new and load it as a package of its own.

        Args:
            table: of kind rest_api.
            on_rows: is told how many more records came.
        """
        from ingest.rest_api import api_resource

        self.finish_pending()
        gc.freeze()  # Libraries and the manifest stay: Python need not look through them over and over.
        try:
            self._pipeline.run(api_resource(table, on_rows), loader_file_format="parquet")
        finally:
            gc.unfreeze()

    def load_files(self, jobs: Sequence[FileJob]) -> None:
        """Put file jobs into one load package and load it."""
        import dlt

        self.finish_pending()
        work = self._folder / "plans" / self._pipeline.pipeline_name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)

        def extract(paths: Sequence[Path]) -> Iterator[Any]:
            for path in paths:
                yield dlt.mark.with_file_import(str(path), "jsonl")

        by_table: dict[tuple[str, str], tuple[SourceTable, list[Path]]] = {}
        for number, job in enumerate(jobs):
            path = work / f"{number}.jsonl"
            write_job(job, path)
            by_table.setdefault(job.table.key, (job.table, []))[1].append(path)
        resources = [
            dlt.resource(
                extract(paths),
                name=table.identifier,
                write_disposition="append",
                columns={"_dlt_load_id": {"data_type": "text"}},
            )
            for table, paths in by_table.values()
        ]
        self._pipeline.run(resources)
        shutil.rmtree(work, ignore_errors=True)
