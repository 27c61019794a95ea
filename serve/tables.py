"""What is published: the tables of the dbt manifest, and what each of their partitions holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from clickstream.errors import UserError
from clickstream.wording import count_of
from serve.gate import has_table

PUBLISHED_SCHEMAS = ("marts", "operations")


@dataclass(frozen=True)
class Column:
    """A column: its name, its DuckDB type and what it means."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A published table: `key` orders its rows, the date column `publish_by` partitions its Parquet.

    `book` is the name under which operations.model_partitions holds what the last build put into each
    partition; None where the model keeps no such book.
    """

    schema: str
    name: str
    description: str
    key: tuple[str, ...]
    publish_by: str | None
    columns: tuple[Column, ...]
    book: str | None = None

    @property
    def full_name(self) -> str:
        """Schema and name, as in SQL."""
        return f"{self.schema}.{self.name}"

    @property
    def order_by(self) -> str:
        """SQL that puts the rows in their one order: date, key, and all columns where no key is known."""
        names = [*([self.publish_by] if self.publish_by else []), *self.key]
        return ", ".join(map(quote, dict.fromkeys(names))) if self.key else "all"


@dataclass(frozen=True)
class Partition:
    """The rows of one date, or of a whole table when `value` is None.

    `content_hash` covers the rows in any order, the columns' names and types, and the key that orders the
    file: equal hashes mean equal files.
    """

    value: date | None
    row_count: int
    content_hash: str


def quote(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def published_tables(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> list[Table]:
    """The models that go out, by name; columns as the warehouse has them.

    Args:
        connection: its current database is the warehouse.
        manifest: dbt's manifest.json.

    Raises:
        UserError: a model has no table, or its `publish_by` is no date column.
    """
    nodes = (
        (unique_id, node)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["schema"] in PUBLISHED_SCHEMAS
        and node["config"].get("materialized") != "ephemeral"
        and _meta(node).get("publish", True) is not False
    )
    keys = _tested_keys(manifest)
    types = _column_types(connection)
    tables = (_table(types, node, keys.get(unique_id, ())) for unique_id, node in nodes)
    return sorted(tables, key=lambda table: table.full_name)


def _column_types(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Names and types of the columns of all tables, in their order, by schema and table."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, data_type in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, table), []).append((column, data_type))
    return found


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = node["config"].get("meta") or {}
    return meta


def _tested_keys(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The columns of the project's `primary_key` tests, by unique id of the model."""
    return {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["columns"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "primary_key"
    }


def _table(
    known_types: Mapping[tuple[str, str], list[tuple[str, str]]],
    node: Mapping[str, Any],
    tested_key: tuple[str, ...],
) -> Table:
    schema, name = node["schema"], node.get("alias") or node["name"]
    types = known_types.get((schema, name))
    if not types:
        raise UserError(
            f"The model {name} has no table in the warehouse.",
            where=f"{schema}.{name}",
            fix="Run `clickstream build`; a model not to be published has `config.meta.publish: false`.",
        )
    described = node.get("columns") or {}
    columns = tuple(
        Column(column, data_type, (described.get(column) or {}).get("description", ""))
        for column, data_type in types
    )
    publish_by = _meta(node).get("publish_by")
    if publish_by and (actual := dict(types).get(publish_by, "missing")) != "DATE":
        raise UserError(
            f"`publish_by` must name a date column; {publish_by} of {name} is {actual}.",
            where=node.get("original_file_path", name),
            fix="Correct `config.meta.publish_by` in the model's YAML.",
        )
    known = {column.name for column in columns}
    key = tested_key or tuple(node.get("primary_key") or ())
    if not known.issuperset(key):  # A key of expressions orders nothing that can be named.
        key = ()
    return Table(schema, name, node.get("description", ""), key, publish_by, columns, _book(node, publish_by))


def _book(node: Mapping[str, Any], publish_by: str | None) -> str | None:
    """Where the macros record_dates and record_session_dates note a model's rows by date, if they do."""
    strategy = node["config"].get("incremental_strategy")
    dates = _meta(node).get("date_column", "session_date" if strategy == "by_session" else None)
    names = {"by_date": node["name"], "by_session": f"{node['name']} rows"}
    return names.get(strategy) if publish_by and dates == publish_by else None


def warehouse_partitions(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[date | None, Partition]:
    """What the warehouse holds of a table, per partition.

    The book of its build says so, and rows of dates that have not changed need not be read again. Where there
    is no book, or it has another number of rows, the rows are read.

    Args:
        connection: its current database is the warehouse.
        table: the table.

    Raises:
        UserError: the partition column holds nulls.
    """
    if table.book and has_table(connection, "operations", "model_partitions"):
        noted = connection.execute(
            "select partition_key::date, row_count, content_hash from operations.model_partitions "
            "where model_name = ? and row_count > 0 order by all",
            [table.book],
        ).fetchall()
        if sum(count for _, count, _ in noted) == count_rows(connection, table.full_name):
            return _partitions(table, noted)
    return read_partitions(connection, table, table.full_name)


def count_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    """How many rows a table has; DuckDB knows without reading them."""
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


def read_partitions(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    relation: str,
    dates: Sequence[date] | None = None,
) -> dict[date | None, Partition]:
    """What the rows of `relation` (a table or a subquery with the table's columns) say, per partition.

    A table without `publish_by` is one partition (value None), also when it is empty.

    Args:
        connection: from which the relation can be read.
        table: the table.
        relation: SQL.
        dates: of a table with `publish_by`, read only these.

    Raises:
        UserError: the partition column holds nulls.
    """
    # The casts make a Parquet file comparable: it has no enums, no hugeints, …
    values = ", ".join(
        f"{quote(column.name)}::{column.data_type} as {quote(column.name)}" for column in table.columns
    )
    by = quote(table.publish_by) if table.publish_by else "null"
    where, parameters = among(table, dates) if dates is not None else ("", [])
    # The hash of rows that record_dates notes.
    rows = connection.execute(
        f"select {by}, count(*), coalesce(sum(hash(held)::hugeint), 0)::varchar "
        f"from (select {values} from {relation} {where}) as held "
        + (f"group by {by} order by {by}" if table.publish_by else ""),
        parameters,
    ).fetchall()
    return _partitions(table, rows)


def among(table: Table, dates: Sequence[date]) -> tuple[str, list[Any]]:
    """A `where` clause for the partitions of these dates (one or more), and its parameters."""
    by = quote(table.publish_by or "")
    # The range lets DuckDB skip what lies outside; the list is exact.
    return (
        f"where {by} between ? and ? and {by} in (select unnest(?::date[]))",
        [min(dates), max(dates), list(dates)],
    )


def _partitions(table: Table, rows: Iterable[tuple[date | None, int, str]]) -> dict[date | None, Partition]:
    definition = [[(column.name, column.data_type) for column in table.columns], table.order_by]
    partitions = {
        value: Partition(
            value, count, hashlib.sha256(f"{definition} {count} {total}".encode()).hexdigest()[:32]
        )
        for value, count, total in rows
    }
    if table.publish_by and None in partitions:
        found = count_of(partitions[None].row_count, "row")
        raise UserError(
            f"{table.full_name} has {found} without {table.publish_by}.",
            where=f"{table.full_name}.{table.publish_by}",
            fix="The column of `config.meta.publish_by` must not be null: test it and repair the model.",
        )
    return partitions
