"""The raw tables: made before anything is loaded, so that dbt can always read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from clickstream.errors import UserError
from ingest import ledger
from ingest.declarations import DOCUMENT_KINDS, SourceTable
from ingest.names import column_names

DOCUMENT_COLUMNS = {
    "payload": "varchar using compression zstd not null",
    "_payload_bytes": "blob",
    "_source_file": "varchar",
    "_source_line": "bigint",
    "_dlt_load_id": "varchar",
}
SYSTEM_COLUMNS = {"_source_file": "varchar", "_source_line": "bigint", "_dlt_load_id": "varchar"}

_DLT_LOADS = """
    load_id varchar not null, schema_name varchar, status bigint not null,
    inserted_at timestamp with time zone not null, schema_version_hash varchar"""

MANY_COLUMNS = 50
"""More new columns at once are added by copying the table: each `alter table` takes 2 ms and more."""


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def create_raw_tables(conn: duckdb.DuckDBPyConnection, tables: Iterable[SourceTable]) -> None:
    """Create the schema, `_dlt_loads` and every declared table where they are missing.

    Declared CSV columns stand in the table from the start (as text); Parquet columns that name a
    `data_type` too.
    """
    for table in tables:
        conn.execute(f"create schema if not exists {quoted(table.schema)}")
        conn.execute(f"create table if not exists {quoted(table.schema)}._dlt_loads ({_DLT_LOADS})")
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in _columns(table).items())
        conn.execute(f"create table if not exists {table.relation} ({columns})")
        _check_shape(conn, table)
        ledger.record_raw_relation(conn, table.key, table.relation)
        if table.kind == "csv":
            add_columns(conn, table, _columns(table))


def _check_shape(conn: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    holds_documents = "_payload_bytes" in existing_columns(conn, table)
    if holds_documents != (table.kind in DOCUMENT_KINDS):
        shape = "documents" if holds_documents else "columns"
        raise UserError(
            f"The raw table {table.relation} holds {shape}, which kind {table.kind} does not make.",
            where=f"{table.yaml_path}: {table.source_name}.{table.table_name}, config.meta.ingest.kind",
            fix="Declare the new kind under another table name.",
        )


def _columns(table: SourceTable) -> Mapping[str, str]:
    if table.kind == "csv":
        declared = [name for name, _ in table.columns if name not in SYSTEM_COLUMNS]
        return dict.fromkeys(column_names(declared), "varchar") | SYSTEM_COLUMNS
    if table.kind == "parquet":
        typed = {name: kind for name, kind in table.columns if kind and name not in SYSTEM_COLUMNS}
        return typed | SYSTEM_COLUMNS
    return DOCUMENT_COLUMNS


def existing_columns(conn: duckdb.DuckDBPyConnection, table: SourceTable) -> dict[str, str]:
    """Column names of a raw table with their DuckDB types."""
    rows = conn.execute(f"describe {table.relation}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def add_columns(conn: duckdb.DuckDBPyConnection, table: SourceTable, columns: Mapping[str, str]) -> list[str]:
    """Add the columns that the table lacks; returns their names."""
    known = {name.lower() for name in existing_columns(conn, table)}
    missing = [name for name in columns if name.lower() not in known]
    if len(missing) > MANY_COLUMNS:
        added = ", ".join(f"cast(null as {columns[name]}) as {quoted(name)}" for name in missing)
        conn.execute(f"create or replace table {table.relation} as select *, {added} from {table.relation}")
        return missing
    for name in missing:
        conn.execute(f"alter table {table.relation} add column {quoted(name)} {columns[name]}")
    return missing
