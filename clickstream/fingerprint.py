"""One hash per table: two warehouses with the same rows have the same hashes, however the rows came."""

from __future__ import annotations

import duckdb

from clickstream.settings import Home
from clickstream.warehouse import connect
from serve.tables import quote

SCHEMAS = ("staging", "normalized", "marts", "operations")

# dbt's own book, what is derived from it, and the history of publications tell of runs, not of rows.
RUN_TABLES = frozenset(
    f"operations.{name}"
    for name in (
        "builds",
        "build_inputs",
        "build_rules",
        "engine",
        "node_results",
        "model_arrivals",
        "model_partitions",
        "changed_keys",
        "model_rules",
        "tested_arrivals",
        "tested_dates",
        "data_quality_results",
        "date_arrivals",
        "late_events",
        "load_runs",
        "restatements",
    )
)

# Which load brought a row, and when, differs between two ways to the same rows.
RUN_COLUMNS = (
    "column_name in ('load_id', 'version', 'input_version', 'load_count') "
    "or ends_with(column_name, '_load_id') or ends_with(column_name, 'loaded_at') "
    "or ends_with(column_name, 'recorded_at')"
)


def read_fingerprint(home: Home) -> dict[str, str]:
    """Table → row count and content hash (order of rows does not matter), sorted by name.

    Raises:
        UserError: there is no warehouse, or it is open elsewhere.
    """
    with connect(home, read_only=True) as connection:
        columns = connection.execute(
            f"select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
            f"where database_name = current_database() and list_contains(?, schema_name) "
            f"and not ({RUN_COLUMNS}) order by schema_name, table_name, column_index",
            [list(SCHEMAS)],
        ).fetchall()
        tables: dict[str, list[tuple[str, str]]] = {}
        for table, column, data_type in columns:
            tables.setdefault(table, []).append((column, data_type))
        return {
            table: _hash(connection, table, held)
            for table, held in sorted(tables.items())
            if table not in RUN_TABLES
        }


def _hash(connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]]) -> str:
    values = ", ".join(quote(column) for column, _ in columns)
    definition = ", ".join(f"{column} {data_type}" for column, data_type in columns)
    row = connection.execute(
        "select count(*), md5(concat_ws(' ', ?, count(*), "
        f"coalesce(sum(hash({values})::hugeint), 0))) from {table}",
        [definition],
    ).fetchone()
    count, digest = row or (0, "")
    return f"{count} {digest}"
