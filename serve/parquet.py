"""Write a publication's Parquet files, and compare what was written with the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from clickstream.errors import UserError
from serve.files import seal
from serve.tables import Partition, Table, quote, read_partitions

FILES_AT_ONCE = 500
"""Files compared by one query; a query for each would cost as much as writing it (3 ms)."""


def parquet_path(table: Table, value: date | None) -> str:
    """Where a partition's file lies in a publication."""
    # Marts stand alone; a figure of the pipeline may share its name with one.
    folder = table.name if table.schema == "marts" else f"{table.schema}.{table.name}"
    part = f"{table.publish_by}={value.isoformat()}/" if value is not None else ""
    return f"parquet/{folder}/{part}part-0.parquet"


def write_parquet(
    connection: duckdb.DuckDBPyConnection, table: Table, partition: Partition, path: Path
) -> None:
    """Write one partition, rows in key order, so that equal rows make equal files.

    They are read from the publication's database (`publication`), where the rows of a date lie together; in
    the warehouse they lie among those of the dates that were built with them. The partition column stays out
    of the file: its folder says it (Hive style).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [column for column in table.columns if column.name != table.publish_by]
    columns = ", ".join(quote(column.name) for column in kept)
    where, values = "", []
    if partition.value is not None:
        where, values = f"where {quote(table.publish_by or '')} = ?", [partition.value]
    source = f"select {columns} from publication.{table.full_name} {where} order by {table.order_by}"
    connection.execute(f"copy ({source}) to {literal(path)} (format parquet, compression zstd)", values)
    seal(path)


def audit_parquet(
    connection: duckdb.DuckDBPyConnection, table: Table, partitions: Sequence[Partition], folder: Path
) -> None:
    """Compare the files of a table that were written with the warehouse: read all at once, as readers do.

    Args:
        connection: its current database is the warehouse.
        table: the table.
        partitions: those whose files were written.
        folder: the publication.

    Raises:
        UserError: a file does not hold the same rows.
    """
    for start in range(0, len(partitions), FILES_AT_ONCE):
        chosen = partitions[start : start + FILES_AT_ONCE]
        files = ", ".join(literal(folder / parquet_path(table, part.value)) for part in chosen)
        by = f", hive_types = {{{quote(table.publish_by)}: date}}" if table.publish_by else ""
        written = f"read_parquet([{files}], hive_partitioning = {bool(table.publish_by)}{by})"
        found = read_partitions(connection, table, written)
        audit(table, {part.value: part for part in chosen}, found, folder)


def audit(
    table: Table,
    expected: dict[date | None, Partition],
    found: dict[date | None, Partition],
    path: Path,
) -> None:
    """Compare what was written with the warehouse.

    Raises:
        UserError: rows differ.
    """
    wrong = [value for value in expected.keys() | found.keys() if expected.get(value) != found.get(value)]
    if wrong:
        dates = ", ".join(sorted(str(value) for value in wrong if value is not None)[:3])
        raise different(table, dates or "all rows", path)


def different(table: Table, what: str, path: Path) -> UserError:
    """The error that a written copy is not what the warehouse holds."""
    return UserError(
        f"Not published: the written copy of {table.full_name} differs from the warehouse ({what}); "
        "the previous publication stays.",
        where=str(path),
        fix="Check the disk. If it is sound, a column has a type that Parquet rounds (hugeint): cast it; "
        "or its rows were changed by hand: run `clickstream run --full-refresh`.",
    )


def literal(value: object) -> str:
    """A SQL string."""
    return "'" + str(value).replace("'", "''") + "'"
