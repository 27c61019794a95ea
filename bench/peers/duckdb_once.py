"""DuckDB, one statement over the files: the least that a pipeline on DuckDB can cost."""

import sys
from pathlib import Path

import duckdb

PRODUCT = "^/product/([0-9]{1,18})(?:[?#].*)?$"

logs = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
connection.execute("set TimeZone = 'UTC'")
connection.read_json(
    logs,  # type: ignore[arg-type]  # the stub knows one file only
    format="newline_delimited",
    ignore_errors=True,
    columns={"event_id": "varchar", "timestamp": "varchar", "action": "varchar", "page": "varchar"},
).create_view("lines")
connection.sql(
    f"""
    select
        cast(try_cast("timestamp" as timestamptz) as date) as view_date,
        cast(regexp_extract(page, '{PRODUCT}', 1) as bigint) as product_id,
        count(distinct event_id) as view_count
    from lines
    where
        action = 'page_view'
        and event_id <> ''
        and try_cast("timestamp" as timestamptz) is not null
        and regexp_matches(page, '{PRODUCT}')
    group by all
    order by all
    """
).write_parquet(sys.argv[2])
