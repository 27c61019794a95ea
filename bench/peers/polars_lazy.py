"""Polars, lazily, on its streaming engine."""

import sys
from pathlib import Path

import polars as pl

PRODUCT = r"^/product/([0-9]{1,18})(?:[?#].*)?$"
SCHEMA = {"event_id": pl.String, "timestamp": pl.String, "action": pl.String, "page": pl.String}

logs = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
(
    pl.scan_ndjson(logs, schema=SCHEMA, ignore_errors=True)
    .filter(
        (pl.col("action") == "page_view") & (pl.col("event_id") != "") & pl.col("page").str.contains(PRODUCT)
    )
    .select(
        pl.col("timestamp")
        .str.strptime(pl.Datetime("us", "UTC"), "%Y-%m-%dT%H:%M:%S%.fZ", strict=False)
        .dt.date()
        .alias("view_date"),
        pl.col("page").str.extract(PRODUCT, 1).cast(pl.Int64).alias("product_id"),
        "event_id",
    )
    .filter(pl.col("view_date").is_not_null())
    .group_by("view_date", "product_id")
    .agg(pl.col("event_id").n_unique().cast(pl.Int64).alias("view_count"))
    .sort("view_date", "product_id")
    .collect(engine="streaming")
    .write_parquet(sys.argv[2])
)
