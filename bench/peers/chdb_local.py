"""chDB (ClickHouse in the process)."""

import sys
from pathlib import Path

import chdb

PRODUCT = "^/product/([0-9]{1,18})(?:[?#].*)?$"

logs = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
# Valid documents only, as the other readers: the line is read as text first.
files = " union all ".join(f"select line from file('{log}', LineAsString)" for log in logs)
chdb.query(
    f"""
    select
        toDate(parseDateTime64BestEffortOrNull(JSONExtractString(line, 'timestamp'), 3, 'UTC')) as view_date,
        toInt64(extract(JSONExtractString(line, 'page'), '{PRODUCT}')) as product_id,
        toInt64(uniqExact(JSONExtractString(line, 'event_id'))) as view_count
    from ({files})
    where
        isValidJSON(line)
        and JSONExtractString(line, 'action') = 'page_view'
        and JSONExtractString(line, 'event_id') <> ''
        and match(JSONExtractString(line, 'page'), '{PRODUCT}')
        and view_date is not null
    group by view_date, product_id
    order by view_date, product_id
    into outfile '{sys.argv[2]}' format Parquet
    settings max_threads = 2
    """
)
