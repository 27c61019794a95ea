"""The ledger (schema `ingest`): which file, version, load, how many lines; see docs/architecture.md."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from ingest.problems import FileStatus

_TABLES = {
    "files": """
        source_name varchar not null, table_name varchar not null, source_file varchar not null,
        file_version integer not null, status varchar not null, twin_of varchar,
        size_bytes bigint, modified_at timestamp, loaded_bytes bigint, waiting_bytes bigint,
        line_count bigint, content_sha256 varchar, head_sha256 varchar, is_open_ended boolean,
        compression varchar,
        dialect json, load_id varchar, message varchar, recorded_at timestamp not null""",
    "arrivals": """
        source_name varchar not null, table_name varchar not null, source_file varchar not null,
        file_version integer not null, load_id varchar not null, first_line bigint not null,
        line_count bigint not null, record_count bigint not null, rejected_count bigint not null,
        skipped_line_count bigint not null, byte_count bigint not null, loaded_at timestamp not null""",
    "rejected_records": """
        source_name varchar not null, table_name varchar not null, source_file varchar not null,
        source_line bigint not null, payload varchar not null, payload_bytes blob, reason varchar not null,
        load_id varchar not null""",
    "load_jobs": "source_name varchar not null, load_id varchar not null, job_id varchar not null",
    "raw_tables": "source_name varchar not null, table_name varchar not null, relation varchar not null",
    "warehouse": "warehouse_id varchar not null",
    "load_runs": """
        run_id varchar not null, source_name varchar not null, table_name varchar not null, load_id varchar,
        status varchar not null, file_count bigint not null, row_count bigint not null,
        rejected_count bigint not null, byte_count bigint not null, started_at timestamp not null,
        finished_at timestamp not null, message varchar""",
}


def create(conn: duckdb.DuckDBPyConnection) -> None:
    """Create the ledger's tables where they are missing."""
    conn.execute("create schema if not exists ingest")
    for name, columns in _TABLES.items():
        conn.execute(f"create table if not exists ingest.{name} ({columns})")
    conn.execute(
        "insert into ingest.warehouse select ? where not exists (from ingest.warehouse)", [uuid.uuid4().hex]
    )


def scalar(conn: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> Any:
    """The first value of a query's first row (fetched to the end: DuckDB 2 keeps half-read results open)."""
    return conn.execute(sql, list(parameters)).fetchall()[0][0]


def now() -> datetime:
    """The present moment, UTC, without zone (as the ledger keeps it)."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class FileRow:
    """One row of `ingest.files`; `modified_us` is `modified_at` in microseconds since 1970 UTC."""

    source_name: str
    table_name: str
    source_file: str
    file_version: int
    status: FileStatus
    size_bytes: int | None = None
    modified_us: int | None = None
    twin_of: str | None = None
    loaded_bytes: int | None = None
    waiting_bytes: int = 0
    line_count: int | None = None
    content_sha256: str | None = None
    head_sha256: str | None = None
    is_open_ended: bool = False
    compression: str | None = None
    dialect: str | None = None
    load_id: str | None = None
    message: str | None = None

    @property
    def has_content(self) -> bool:
        """Whether rows loaded from this version stand in the raw table."""
        return self.load_id is not None and self.status not in ("forgotten", "twin")


@dataclass(frozen=True)
class ArrivalRow:
    """One row of `ingest.arrivals`."""

    source_name: str
    table_name: str
    source_file: str
    file_version: int
    load_id: str
    first_line: int
    line_count: int
    record_count: int
    rejected_count: int
    skipped_line_count: int
    byte_count: int


@dataclass(frozen=True)
class RejectedRow:
    """One row of `ingest.rejected_records`."""

    source_name: str
    table_name: str
    source_file: str
    source_line: int
    payload: str
    payload_bytes: bytes | None
    reason: str
    load_id: str


_ARROW = {"int": pa.int64(), "int | None": pa.int64(), "bool": pa.bool_(), "bytes | None": pa.binary()}


def _as_arrow(rows: Sequence[Any], kind: type) -> pa.Table:
    names = [field.name for field in fields(kind)]
    schema = pa.schema([(field.name, _ARROW.get(str(field.type), pa.string())) for field in fields(kind)])
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    return pa.table(columns, schema=schema)


_FILE_COLUMNS = ", ".join(field.name for field in fields(FileRow) if field.name != "modified_us")


def record_files(conn: duckdb.DuckDBPyConnection, rows: Sequence[FileRow]) -> None:
    """Write file rows; a row of the same file version is replaced."""
    if not rows:
        return
    conn.register("_ledger_rows", _as_arrow(rows, FileRow))
    try:
        conn.execute(
            """delete from ingest.files as f using _ledger_rows as n
            where f.source_name = n.source_name and f.table_name = n.table_name
              and f.source_file = n.source_file and f.file_version = n.file_version"""
        )
        conn.execute(
            f"""insert into ingest.files ({_FILE_COLUMNS}, modified_at, recorded_at)
            select {_FILE_COLUMNS}, make_timestamp(modified_us), cast(? as timestamp) from _ledger_rows""",
            [now()],
        )
    finally:
        conn.unregister("_ledger_rows")


def record_arrivals(conn: duckdb.DuckDBPyConnection, rows: Sequence[ArrivalRow]) -> None:
    """Append arrivals."""
    _append(conn, "arrivals", rows, ArrivalRow, ", cast($now as timestamp) as loaded_at")


def record_rejected(conn: duckdb.DuckDBPyConnection, rows: Sequence[RejectedRow]) -> None:
    """Append rejected CSV records."""
    _append(conn, "rejected_records", rows, RejectedRow, "")


def _append(conn: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Any], kind: type, more: str) -> None:
    if not rows:
        return
    conn.register("_ledger_rows", _as_arrow(rows, kind))
    try:
        parameters = {"now": now()} if more else None
        conn.execute(f"insert into ingest.{table} by name select *{more} from _ledger_rows", parameters)
    finally:
        conn.unregister("_ledger_rows")


def raw_relation(conn: duckdb.DuckDBPyConnection, key: tuple[str, str]) -> str | None:
    """The quoted name of a raw table, as ingest last knew it."""
    sql = "select relation from ingest.raw_tables where source_name = ? and table_name = ?"
    rows = conn.execute(sql, list(key)).fetchall()
    return str(rows[0][0]) if rows else None


def record_raw_relation(conn: duckdb.DuckDBPyConnection, key: tuple[str, str], relation: str) -> None:
    """Note where a table's rows lie, for whoever has no manifest at hand."""
    if raw_relation(conn, key) != relation:
        conn.execute("delete from ingest.raw_tables where source_name = ? and table_name = ?", list(key))
        conn.execute("insert into ingest.raw_tables values (?, ?, ?)", [*key, relation])


def is_registered(conn: duckdb.DuckDBPyConnection, source_name: str, load_id: str, job_id: str) -> bool:
    """Whether a load job has done its work already."""
    found = scalar(
        conn,
        "select count(*) from ingest.load_jobs where source_name = ? and load_id = ? and job_id = ?",
        [source_name, load_id, job_id],
    )
    return bool(found)


def register_job(conn: duckdb.DuckDBPyConnection, source_name: str, load_id: str, job_id: str) -> None:
    """Say, inside the job's transaction, that the job has done its work."""
    conn.execute("insert into ingest.load_jobs values (?, ?, ?)", [source_name, load_id, job_id])


_READ_COLUMNS = ", ".join(
    "epoch_us(f.modified_at) as modified_us" if field.name == "modified_us" else f"f.{field.name}"
    for field in fields(FileRow)
)


def read_files(
    conn: duckdb.DuckDBPyConnection, condition: str, parameters: Sequence[Any] = (), join: str = ""
) -> list[FileRow]:
    """File rows that meet a SQL condition on `ingest.files as f`."""
    rows = conn.execute(
        f"select {_READ_COLUMNS} from ingest.files as f {join} where {condition}", list(parameters)
    ).fetchall()
    return [FileRow(**_row(values)) for values in rows]


def _row(values: Iterable[Any]) -> dict[str, Any]:
    return dict(zip((field.name for field in fields(FileRow)), values, strict=True))


def waiting_message(waiting_bytes: int) -> str:
    """What the ledger says of a last line that waits."""
    return f"The last line ({waiting_bytes:,} bytes) has no newline yet and waits for it."
