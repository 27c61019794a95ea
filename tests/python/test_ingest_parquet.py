"""Parquet files: values and types as they are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from test_ingest_support import assert_accounted, manifest, put, query, run

from clickstream.settings import Home

PARQUET = manifest(shop__stock={"kind": "parquet", "path": "inbox/*.parquet"})


def write(home: Home, name: str, **columns: pa.Array) -> Path:
    path = put(home, name, b"")
    pq.write_table(pa.table(columns), path)
    return path


def test_types_and_values_are_kept(home: Home) -> None:
    write(
        home,
        "a[1].parquet",
        **{"Product ID": pa.array([1, None], pa.int32())},
        price=pa.array([Decimal("1.10"), Decimal("0.00")], pa.decimal128(10, 2)),
        tags=pa.array([["x", None], []], pa.list_(pa.string())),
        kind=pa.array(["a", "b"]).dictionary_encode(),
    )
    report = run(home, PARQUET)
    assert (report.row_count, report.failures) == (2, [])
    rows = query(home, "select product_id, price, tags, kind, _source_line from raw_shop.stock order by 5")
    assert rows == [(1, Decimal("1.10"), ["x", None], "a", 1), (None, Decimal("0.00"), [], "b", 2)]
    types = dict(
        query(home, "select column_name, data_type from duckdb_columns() where table_name = 'stock'")
    )
    assert (types["price"], types["product_id"], types["kind"]) == ("DECIMAL(10,2)", "INTEGER", "VARCHAR")
    assert_accounted(home, "raw_shop.stock")


def test_columns_are_united_and_numbers_widened_but_values_never_changed(home: Home) -> None:
    write(home, "1.parquet", n=pa.array([1], pa.int32()))
    write(home, "2.parquet", n=pa.array([2**40], pa.int64()), extra=pa.array([True]))
    write(home, "3.parquet", n=pa.array([3], pa.int8()))
    write(home, "4.parquet", n=pa.array(["four"]))
    write(home, "5.parquet", n=pa.array([], pa.int32()))
    report = run(home, PARQUET)
    assert report.row_count == 3
    assert query(home, "select n, extra from raw_shop.stock order by n") == [
        (1, None),
        (3, None),
        (2**40, True),
    ]
    assert [failure.source_file for failure in report.failures] == ["inbox/4.parquet"]
    assert "Column n is VARCHAR in this file and BIGINT in the raw table" in report.failures[0].message
    assert_accounted(home, "raw_shop.stock")


def test_a_damaged_file_fails_alone_and_loads_once_it_is_whole(home: Home) -> None:
    path = write(home, "a.parquet", n=pa.array(range(1000)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    write(home, "b.parquet", n=pa.array([1]))
    report = run(home, PARQUET)
    assert (report.row_count, report.failures[0].source_file) == (1, "inbox/a.parquet")
    assert "damaged or not complete" in report.failures[0].message
    path.write_bytes(whole)
    assert (run(home, PARQUET).row_count, run(home, PARQUET).status) == (1000, "nothing_new")
    put(home, "copy.parquet", whole)
    assert run(home, PARQUET).twin_count == 1
