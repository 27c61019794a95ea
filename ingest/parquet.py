"""Parquet files: rows as they are, types kept."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.content import digest
from ingest.declarations import SourceTable
from ingest.names import column_names
from ingest.problems import FileProblem, unreadable
from ingest.raw_tables import existing_columns, quoted
from ingest.results import Loaded
from ingest.segments import Counts, Segment

BATCH_ROWS = 65_536

_WIDER = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"]
_WIDENINGS = {("FLOAT", "DOUBLE"), ("DATE", "TIMESTAMP")} | {
    (narrow, wide) for number, narrow in enumerate(_WIDER) for wide in _WIDER[number + 1 :]
}
"""Changes of type that keep every value."""


def read_parquet(segment: Segment) -> Generator[pa.RecordBatch, None, Loaded]:
    """Yield a file's rows (without load id), numbered from 1.

    Raises:
        FileProblem: the file is gone, unreadable or no whole Parquet file.
    """
    try:
        with pq.ParquetFile(segment.path) as file:
            names = column_names(file.schema_arrow.names)
            count = 0
            for batch in file.iter_batches(BATCH_ROWS):
                yield _as_rows(batch, names, segment.source_file, count)
                count += batch.num_rows
            if not count:
                empty = pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
                yield _as_rows(empty, names, segment.source_file, 0)
    except pa.ArrowInvalid as error:
        raise _damaged(error) from error
    except OSError as error:
        raise (_damaged(error) if error.errno is None else unreadable(error)) from error
    found = digest(segment.path, "none", end=segment.end_byte)
    return Loaded(segment, Counts(count, count, found.length), found.total.hexdigest())


def _damaged(error: Exception) -> FileProblem:
    first = str(error).splitlines()[0]
    return FileProblem(
        f"The Parquet file is damaged or not complete yet ({first}). Nothing of it was loaded."
    )


def _as_rows(batch: pa.RecordBatch, names: list[str], source_file: str, before: int) -> pa.RecordBatch:
    numbers = pa.array(np.arange(before + 1, before + 1 + batch.num_rows, dtype=np.int64))
    return pa.RecordBatch.from_arrays(
        [*batch.columns, pa.repeat(source_file, batch.num_rows), numbers],
        names=[*names, "_source_file", "_source_line"],
    )


def column_types(conn: duckdb.DuckDBPyConnection, schema: pa.Schema) -> dict[str, str]:
    """DuckDB's types of Arrow columns."""
    conn.register("_schema_rows", schema.empty_table())
    try:
        rows: list[tuple[Any, ...]] = conn.execute("describe select * from _schema_rows").fetchall()
    finally:
        conn.unregister("_schema_rows")
    return {str(row[0]): "VARCHAR" if str(row[1]).startswith("ENUM") else str(row[1]) for row in rows}


def widen_columns(conn: duckdb.DuckDBPyConnection, table: SourceTable, types: dict[str, str]) -> None:
    """Let the raw table's columns hold a file's types.

    Raises:
        FileProblem: a column has another type, and changing it could change values.
    """
    for name, kind in existing_columns(conn, table).items():
        new = types.get(name, kind)
        if new == kind or (new, kind) in _WIDENINGS:
            continue
        if (kind, new) not in _WIDENINGS:
            raise FileProblem(
                f"Column {name} is {new} in this file and {kind} in the raw table; no value may change, so "
                "nothing was loaded. Write the file with the same type, or declare another table for it."
            )
        conn.execute(f"alter table {table.relation} alter column {quoted(name)} type {new}")
