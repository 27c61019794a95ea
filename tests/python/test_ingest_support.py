"""Helpers of the ingest tests: a manifest without dbt, and short ways to look into the warehouse."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from duckdb import DuckDBPyConnection

from clickstream.settings import Home
from clickstream.warehouse import connect
from ingest.destination_context import LoadContext
from ingest.jobs import run_file_job
from ingest.report import TableReport
from ingest.runner import ingest
from ingest.segments import FileJob


def manifest(**tables: dict[str, Any]) -> dict[str, Any]:
    """A dbt manifest that declares `source__table={ingest block}`; `columns` is taken out of the block."""
    sources: dict[str, Any] = {}
    for name, block in tables.items():
        source, table = name.split("__")
        columns = {column: {"name": column, "data_type": None} for column in block.get("columns", ())}
        sources[f"source.clickstream.{source}.{table}"] = {
            "source_name": source,
            "name": table,
            "identifier": table,
            "schema": f"raw_{source}",
            "original_file_path": f"models/staging/{source}/_{source}__sources.yml",
            "columns": columns,
            "config": {"meta": {"ingest": {key: value for key, value in block.items() if key != "columns"}}},
        }
    return {"sources": sources}


LOGS = manifest(web__logs={"kind": "lines", "path": "inbox/**/*.log*"})
EVENTS = manifest(web__logs={"kind": "jsonl", "path": "inbox/**/*.log*"})


def put(home: Home, name: str, data: bytes) -> Path:
    """Write a file below inbox/."""
    path = home.root / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


class DirectPackages:
    """Runs file jobs at once, without a dlt load package: ten times faster, and the same but for crashes."""

    def __init__(self, _: Home, conn: DuckDBPyConnection, __: str, schema: str, context: LoadContext) -> None:
        self._conn, self._schema, self._context = conn, schema, context

    def load_files(self, found: Sequence[FileJob]) -> None:
        load_id = f"{time.time():.6f}"
        for number, job in enumerate(found):
            result = run_file_job(
                self._conn,
                job,
                load_id,
                str(number),
                prefixes=self._context.prefixes,
                reporter=self._context.reporter,
            )
            self._context.results.append((*job.table.key, load_id, result))
        self._conn.execute(f"insert into {self._schema}._dlt_loads values (?, '', 0, now(), '')", [load_id])


def run(home: Home, declared: dict[str, Any] = LOGS) -> TableReport:
    """Ingest files, without dlt; the report of the only table."""
    with patch("ingest.source_run.Packages", DirectPackages):
        return ingest(home, declared).tables[0]


def run_with_dlt(home: Home, declared: dict[str, Any] = LOGS) -> TableReport:
    """Ingest; the report of the only table."""
    return ingest(home, declared).tables[0]


def query(home: Home, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query on the warehouse."""
    with connect(home) as conn:
        rows: list[tuple[Any, ...]] = conn.execute(sql).fetchall()
    return rows


def payloads(home: Home, table: str = "raw_web.logs") -> list[bytes]:
    """The exact bytes of all documents, by file and line."""
    rows = query(
        home,
        f"""select coalesce(_payload_bytes, encode(payload)) from {table}
        order by _source_file, _source_line, _dlt_load_id""",
    )
    return [row[0] for row in rows]


def files(home: Home) -> list[tuple[Any, ...]]:
    """File, version, status, twin and line count of every ledger row."""
    return query(
        home,
        """select source_file, file_version, status, twin_of, line_count from ingest.files
        order by all""",
    )


def assert_accounted(home: Home, table: str = "raw_web.logs") -> None:
    """Every arrival of a complete load adds up, and its rows stand in the raw table."""
    schema = table.split(".", maxsplit=1)[0]
    wrong = query(
        home,
        f"""select a.source_file, a.load_id from ingest.arrivals as a
        left join (select _source_file, _dlt_load_id, count(*) as n from {table} group by all) as r
            on r._source_file = a.source_file and r._dlt_load_id = a.load_id
        where a.record_count <> coalesce(r.n, 0)
            or a.line_count <> a.record_count + a.rejected_count + a.skipped_line_count
            or a.load_id not in (select load_id from {schema}._dlt_loads where status = 0)""",
    )
    assert wrong == []
    loaded = query(home, f"select count(*) from {table}")[0][0]
    assert query(home, "select coalesce(sum(record_count), 0) from ingest.arrivals")[0][0] == loaded
    twice = query(home, f"select load_id from {schema}._dlt_loads group by load_id having count(*) > 1")
    assert twice == []
