"""The published DuckDB file: all tables of a publication, as compact as it can be at a cost that stays flat.

A new file is written from the warehouse when it is small, when most rows changed, or when the last one has
grown. Otherwise the previous publication's file, if its checksum is still the stated one, is copied, and of
its changed partitions the rows that differ are replaced. These partitions are compared with the warehouse
before anybody sees them; the rest was when it was written, and its bytes are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from clickstream.errors import UserError
from clickstream.wording import count_of
from serve.contents import Contents, define, has_size, text_of
from serve.files import copy, seal, sha256
from serve.parquet import audit, different, literal
from serve.tables import Partition, Table, among, count_rows, quote, read_partitions

DATABASE = "clickstream.duckdb"
STORAGE_VERSION = "v1.5.0"  # DuckDB 1.5 clients can open the file.

SMALL_BYTES = 16_000_000
"""Below, a whole file is written in less than a second, about what replacing partitions costs."""

GROWTH_LIMIT = 1.5
"""A file this many times larger per row than when it was last written whole is written whole again."""

CHUNK_ROWS = 1_000_000
"""Rows sorted at once: 11 million rows in one sort took 40 s and spilled; so many fit in 300 MB."""


@dataclass(frozen=True)
class _Change:
    """What differs in one table: dates whose old rows go, and partitions whose rows come.

    `row_count` is that of the whole table afterwards; `is_described` is true when its comments stay.
    """

    table: Table
    is_new: bool
    is_described: bool
    gone: tuple[date | None, ...]
    come: tuple[Partition, ...]
    row_count: int


def write_database(
    connection: duckdb.DuckDBPyConnection,
    contents: Contents,
    folder: Path,
    *,
    previous: Mapping[str, Any] | None,
    published: Path,
) -> dict[str, Any]:
    """Write the database of a publication.

    Args:
        connection: its current database is the warehouse.
        contents: tables and their partitions, as the warehouse has them.
        folder: the publication that is being written.
        previous: the manifest of the previous publication.
        published: its folder.

    Returns:
        Its entry in the manifest, without its checksum (`sha256`): `path`, `bytes`, and `compact_bytes` and
        `compact_rows`: its size when it was last written whole.

    Raises:
        UserError: the file does not hold the warehouse's rows.
    """
    path = folder / DATABASE
    rows = sum(part.row_count for partitions in contents.values() for part in partitions.values())
    changes = _changes(previous or {"tables": []}, contents)
    base = previous["database"] if previous and _can_reuse(previous, changes, published) else None
    if base:
        copy(published / DATABASE, path)
        try:
            _apply(connection, changes, path)
        except UserError:  # The copy is not what it should be.
            base = None
        if not base or _growth(path.stat().st_size, rows, base) > GROWTH_LIMIT:
            path.unlink()
            base = None
    if not base:
        _apply(connection, _changes({"tables": []}, contents), path)
    seal(path)
    size = path.stat().st_size
    whole = (base["compact_bytes"], base["compact_rows"]) if base else (size, rows)
    return {
        "path": DATABASE,
        "bytes": size,
        "compact_bytes": whole[0],
        "compact_rows": whole[1],
    }


def _growth(size: int, rows: int, base: Mapping[str, Any]) -> float:
    """Bytes per row, relative to when the file was last written whole."""
    compact: float = base["compact_bytes"] / max(base["compact_rows"], 1)
    return size / max(rows, 1) / compact


def _can_reuse(previous: Mapping[str, Any], changes: Sequence[_Change], published: Path) -> bool:
    """Whether replacing partitions in a copy of the last file is cheaper than a new one, and sound."""
    database = previous["database"]
    changed = sum(part.row_count for change in changes for part in change.come)
    before: int = sum(table["rows"] for table in previous["tables"])
    return (
        database["bytes"] >= SMALL_BYTES
        and changed <= before / 2
        and has_size(published / DATABASE, database["bytes"])
        and sha256(published / DATABASE) == database["sha256"]
    )


def _changes(previous: Mapping[str, Any], contents: Contents) -> list[_Change]:
    """Per table, the partitions that differ from the previous publication."""
    before = {table["name"]: table for table in previous["tables"]}
    changes = []
    for table, partitions in contents.items():
        old = before.get(table.full_name)
        new = define(table)
        is_new = old is None or _shape(old) != _shape(new)
        is_described = not is_new and old is not None and all(old[name] == new[name] for name in new)
        held = [] if old is None or is_new else old["partitions"]
        before_hashes = {part["value"]: part["content_hash"] for part in held}
        hashes = {text_of(part.value): part.content_hash for part in partitions.values()}
        gone = [value for value, content in before_hashes.items() if hashes.get(value) != content]
        come = [
            part
            for part in partitions.values()
            if before_hashes.get(text_of(part.value)) != part.content_hash
        ]
        dates = tuple(date.fromisoformat(value) if value else None for value in gone)
        rows = sum(part.row_count for part in partitions.values())
        changes.append(_Change(table, is_new, is_described, dates, tuple(come), rows))
    return changes


def _shape(definition: Mapping[str, Any]) -> list[Any]:
    """What a table's rows rest on: its columns and its partitioning."""
    return [
        definition["partitioned_by"],
        [(column["name"], column["type"]) for column in definition["columns"]],
    ]


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, path: Path, option: str = "read_only") -> Iterator[None]:
    """The database of a publication beside the warehouse, under the name `publication`."""
    connection.execute(f"attach {literal(path)} as publication ({option})")
    try:
        yield
    finally:
        connection.execute("detach publication")


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # What went wrong is told, not that this did, too.
            connection.rollback()
        raise
    connection.commit()


def _apply(connection: duckdb.DuckDBPyConnection, changes: Sequence[_Change], path: Path) -> None:
    """Bring the file to the warehouse's content, then compare what was written."""
    with attached(connection, path, f"storage_version '{STORAGE_VERSION}'"):
        _drop_others(connection, {change.table.full_name for change in changes if not change.is_new})
        for schema in sorted({change.table.schema for change in changes}):
            connection.execute(f"create schema if not exists publication.{quote(schema)}")
        # A commit costs more than a comment, or than the rows of a small table; many rows are held until it.
        is_small = sum(part.row_count for change in changes for part in change.come) <= CHUNK_ROWS
        with _transaction(connection) if is_small else nullcontext():
            for change in changes:
                target = _target(change)
                if change.is_new:
                    connection.execute(f"create table {target} as from {change.table.full_name} limit 0")
                _replace(connection, change, target)
        with _transaction(connection):
            for change in changes:
                if not change.is_described:
                    _comment(connection, change.table, _target(change))
        connection.execute("checkpoint publication")
        for change in changes:
            _audit(connection, change, path)


def _target(change: _Change) -> str:
    return f"publication.{change.table.full_name}"


def _audit(connection: duckdb.DuckDBPyConnection, change: _Change, path: Path) -> None:
    """Compare the dates of a table that were touched, and the number of all its rows.

    Raises:
        UserError: they differ.
    """
    table, target = change.table, _target(change)
    expected = {part.value: part for part in change.come}
    touched = {*change.gone, *expected}
    dates = sorted(value for value in touched if value is not None)
    found = read_partitions(connection, table, target, dates or None) if touched else {}
    audit(table, expected, found, path)
    if (held := count_rows(connection, target)) != change.row_count:
        raise different(table, f"{count_of(held, 'row')} in place of {change.row_count:,}", path)


def _drop_others(connection: duckdb.DuckDBPyConnection, kept: set[str]) -> None:
    """Drop the tables that are published no longer, or with other columns."""
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'publication'"
    ).fetchall()
    for schema, name in found:
        if f"{schema}.{name}" not in kept:
            connection.execute(f"drop table publication.{quote(schema)}.{quote(name)}")


def _replace(connection: duckdb.DuckDBPyConnection, change: _Change, target: str) -> None:
    """Take out and put in what differs: a table without dates as a whole, else dates, and rows of dates."""
    table = change.table
    source = f"insert into {target} from {table.full_name}"
    if table.publish_by is None:
        if change.gone:
            connection.execute(f"delete from {target}")
        if change.come:
            connection.execute(f"{source} order by {table.order_by}")
        return
    # Rows are told apart by their hashes, which is safe where each has a key. Late lines change few rows of a
    # date: a day of a million events, five dates of sessions, is put in in 1.5 s, not 2.4.
    same = set(change.gone) & {part.value for part in change.come} if table.key else set()
    if gone := [value for value in change.gone if value is not None and value not in same]:
        condition, values = among(table, gone)
        connection.execute(f"delete from {target} {condition}", values)
    for dates in _portions([part for part in change.come if part.value not in same]):
        condition, values = among(table, dates)
        connection.execute(f"{source} {condition} order by {table.order_by}", values)
    row_hash = f"hash({', '.join(quote(column.name) for column in table.columns)})"
    for dates in _portions([part for part in change.come if part.value in same]):
        condition, values = among(table, dates)
        connection.execute(
            "create or replace temp table different_rows as "
            "select held.row_number, built.row_hash "
            f"from (select rowid as row_number, {row_hash} as row_hash from {target} {condition}) as held "
            f"full join (select {row_hash} as row_hash from {table.full_name} {condition}) as built "
            "on held.row_hash = built.row_hash "
            "where held.row_hash is null or built.row_hash is null",
            values * 2,
        )
        connection.execute(f"delete from {target} where rowid in (select row_number from different_rows)")
        connection.execute(
            f"{source} {condition} and {row_hash} in (select row_hash from different_rows) "
            f"order by {table.order_by}",
            values,
        )


def _portions(partitions: Sequence[Partition]) -> Iterator[list[date]]:
    """Their dates, in portions of about `CHUNK_ROWS` rows."""
    portion: list[date] = []
    rows = 0
    ordered = sorted((part.value, part.row_count) for part in partitions if part.value is not None)
    for number, (value, count) in enumerate(ordered, start=1):
        portion.append(value)
        rows += count
        if rows >= CHUNK_ROWS or number == len(ordered):
            yield portion
            portion, rows = [], 0


def _comment(connection: duckdb.DuckDBPyConnection, table: Table, target: str) -> None:
    connection.execute(f"comment on table {target} is {literal(table.description)}")
    for column in table.columns:
        connection.execute(
            f"comment on column {target}.{quote(column.name)} is {literal(column.description)}"
        )
