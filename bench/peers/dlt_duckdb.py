"""Plain dlt: its JSON lines reader into DuckDB, then the same SQL. Its rows are Python objects."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
from dlt.sources.filesystem import filesystem, read_jsonl

work = Path(sys.argv[2]).with_suffix(".work")
PRODUCT = "^/product/([0-9]{1,18})(?:[?#].*)?$"


def rows(logs: list[str]) -> Iterator[Any]:
    """The documents of all files; dlt reads JSON lines strictly, so the files hold valid ones only."""
    for log in logs:
        path = Path(log)
        yield from filesystem(bucket_url=path.parent.as_uri(), file_glob=path.name) | read_jsonl()


logs = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
pipeline = dlt.pipeline(
    "bench_peer",
    pipelines_dir=str(work / "dlt"),
    destination=dlt.destinations.duckdb(str(work / "peer.duckdb")),
    dataset_name="raw",
)
pipeline.run(
    dlt.resource(
        rows(logs),
        name="events",
        max_table_nesting=0,
        columns={
            name: {"data_type": "text"} for name in ("event_id", "timestamp", "action", "page", "user_id")
        },
    ),
    loader_file_format="parquet",
)
with duckdb.connect(str(work / "peer.duckdb")) as connection:
    connection.execute("set TimeZone = 'UTC'")
    connection.sql(
        f"""
        select
            cast(try_cast("timestamp" as timestamptz) as date) as view_date,
            cast(regexp_extract(page, '{PRODUCT}', 1) as bigint) as product_id,
            count(distinct event_id) as view_count
        from raw.events
        where
            action = 'page_view'
            and event_id <> ''
            and try_cast("timestamp" as timestamptz) is not null
            and regexp_matches(page, '{PRODUCT}')
        group by all
        order by all
        """
    ).write_parquet(sys.argv[2])
