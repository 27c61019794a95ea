"""How fast the dashboard is on 365 days, 50,000 products and 5 million sessions: `python -m dashboard_bench`.

Makes a publication with the columns that the models declare and figures that mean nothing, asks each query of
the page three times, and prints the medians. Needs about 1 GB below the temporary folder while it runs.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import yaml

from clickstream.settings import PROJECT, Home
from serve.contents import FORMAT
from serve.dashboard.content import HEALTH_QUERIES, PERIOD_QUERIES, parameters, read_bounds, read_content
from serve.dashboard.filters import Bounds, Filters, read_filters
from serve.dashboard.publication import Publication, Reader
from serve.dashboard.rendering import render_dashboard

DAYS = 365
ASKED = {
    "28 days": {},
    "1 year": {"from": "2025-01-01"},
    "1 year, one category": {"from": "2025-01-01", "category": "7"},
    "1 year, one channel": {"from": "2025-01-01", "channel": "channel 3"},
}

DATES = "(select date '2025-01-01' + cast(d as integer) as day from range({days}) as t(d)) as days"
ROWS = {
    "marts.daily_traffic": """select day as traffic_date, 400000 as view_count, 14000 as session_count,
        12000 as visitor_count, 600 as purchase_session_count, 700 as order_count, 9000 as revenue_amount
        from {dates} order by day""",
    "marts.daily_orders": "select day as order_date, 'EUR' as currency from {dates} order by day",
    "operations.page_view_accounting": """select day as view_date, 450000 as page_view_count,
        300000 as product_view_count, 100000 as other_page_view_count, 0 as unknown_product_view_count,
        50000 as bot_view_count from {dates} order by day""",
    "operations.watermarks": """select 'web' as source_name, timestamp '2026-01-01 06:00' as newest_event_at,
        timestamp '2026-01-01 00:30' as complete_until_at""",
    "marts.categories": """select cast(c as varchar) as category_id, 'category ' || c as category_path,
        case when c < 20 then 0 else 1 end as category_level,
        case when c < 20 then [cast(c as varchar)] else [cast(c % 20 as varchar), cast(c as varchar)] end
            as category_ids
        from range(400) as t(c)""",
    "marts.daily_categories": """select day as activity_date, cast(c as varchar) as category_id,
        c as view_count, c as cart_count, c as unit_count, c as revenue_amount
        from {dates}, range(400) as t(c) order by day, c""",
    "marts.products": """select p as product_id, 'product ' || p as product_name,
        cast(20 + p % 380 as varchar) as category_id, 'category' as category_name
        from range({products}) as t(p)""",
    "marts.product_daily_funnel": """select day as activity_date, p as product_id,
        cast(hash(p, day) % 40 as bigint) as view_count, cast(hash(p) % 5 as bigint) as cart_count,
        1 as unit_count, cast(hash(day, p) % 900 as bigint) as revenue_amount
        from {dates}, range({products}) as t(p) order by day, p""",
    "marts.daily_page_views": """select day as view_date, '/product/' || p as page_path,
        cast(hash(p, day) % 40 as bigint) as view_count
        from {dates}, range({products}) as t(p) order by day, page_path""",
    "marts.sessions": """select format('{{:08x}}', s) as session_id, day as session_date,
        'u' || hash(s) % 900000 as visitor_id, cast(hash(s) % 30 as bigint) as page_view_count,
        'channel ' || hash(s, 1) % 12 as channel_group, hash(s) % 3 = 0 as is_bounce,
        hash(s) % 40 = 0 as has_purchase, 1 as order_count, 20 as revenue_amount,
        ['desktop', 'mobile', 'tablet'][cast(1 + hash(s, 2) % 3 as bigint)] as device_type,
        hash(s) % 50 = 7 as is_bot
        from {dates}, range({sessions} // {days}) as t(n),
            lateral (select n + (day - date '2025-01-01') * 1000000 as s) as numbered order by day, s""",
    "marts.session_attribution": """select session_id, session_date, visitor_id
        from marts.sessions where not is_bot""",
    "marts.daily_channels": """select day as session_date, 'channel ' || c % 12 as channel_group,
        'source ' || c as source, 'cpc' as medium, c as session_count, c as revenue_amount
        from {dates}, range(60) as t(c) order by day, c""",
    "marts.funnel_steps_daily": """select day as session_date, 'purchase' as funnel_id, s as step_number,
        'step ' || s as step_name, 9000 // s as session_count from {dates}, range(1, 5) as t(s)""",
    "marts.retention_weekly": """select date '2025-01-06' + cast(7 * w as integer) as cohort_week,
        n as week_number, 9000 // (n + 1) as visitor_count from range(51) as a(w), range(27) as b(n)""",
    "marts.daily_bots": """select day as view_date, 'search' as bot_category, 'bot ' || b as bot_name,
        9 as session_count, 90 as bot_view_count from {dates}, range(60) as t(b)""",
    "operations.event_accounting": """select 'web' as source_name, 'file ' || f as source_file,
        9 as line_count, 9 as event_count, 0 as duplicate_count, 0 as quarantined_count, 0 as blank_count,
        0 as skipped_line_count from range(9000) as t(f)""",
    "operations.late_events": """select 'web' as source_name, l || '' as load_id, day as event_date,
        timestamp '2025-01-01' as loaded_at, true as is_reopened, 9 as line_count
        from {dates}, range(8) as t(l)""",
}


def declared_tables() -> dict[str, str]:
    """`schema.table` → its columns as SQL, as the models' YAML declares them."""
    tables = {}
    for path in sorted((PROJECT / "models" / "marts").rglob("*.sql")):
        alias = re.search(r"alias='(\w+)'", path.read_text(encoding="utf-8"))
        schema = "operations" if path.parent.name == "operations" else "marts"
        declared = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"][0]
        columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in declared["columns"])
        tables[f"{schema}.{alias[1] if alias else path.stem}"] = columns
    return tables


def make_publication(home: Home, *, products: int, sessions: int) -> int:
    """Write the publication; returns the bytes of its database."""
    folder = home.publications / "000001-bench"
    folder.mkdir(parents=True)
    database = folder / "clickstream.duckdb"
    sizes = {"products": products, "sessions": sessions, "days": DAYS}
    with duckdb.connect(str(database), config={"storage_compatibility_version": "v1.5.0"}) as connection:
        connection.execute("create schema marts; create schema operations")
        for table, columns in declared_tables().items():
            connection.execute(f"create table {table} ({columns})")
        for table, rows in ROWS.items():
            query = rows.format(dates=DATES.format(**sizes), **sizes)
            connection.execute(f"insert into {table} by name {query}")
        connection.execute("checkpoint")
    manifest = {
        "format": FORMAT,
        "publication": folder.name,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "build": {"invocation_id": "bench", "pass_count": 0, "warn_count": 0},
        "versions": {"project": "bench"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    home.published.symlink_to(folder)
    return database.stat().st_size


def median_seconds(action: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Medians of a few measurements: seconds that passed, and seconds of processor that all threads took."""
    passed, taken = [], []
    for _ in range(times):
        began, began_work = time.perf_counter(), time.process_time()
        action()
        passed.append(time.perf_counter() - began)
        taken.append(time.process_time() - began_work)
    return statistics.median(passed), statistics.median(taken)


def measure(home: Home) -> None:
    """Print the whole page and its slowest queries, for each choice of filters."""
    publication = Reader(home).current()
    assert publication is not None
    bounds = read_bounds(publication)
    assert bounds is not None
    for name, given in ASKED.items():
        _measure(publication, bounds, name, read_filters(given, bounds))


def _measure(publication: Publication, bounds: Bounds, name: str, filters: Filters) -> None:
    values = parameters(filters, bounds, publication.manifest)
    taken = {
        query: median_seconds(partial(publication.rows, query, values))
        for query in ("daily", "products_daily", *PERIOD_QUERIES, *HEALTH_QUERIES)
    }
    slowest = sorted(taken.items(), key=lambda item: -item[1][1])[:4]
    content = read_content(publication, filters, bounds)
    _tell(f"{name}: all queries", median_seconds(lambda: read_content(publication, filters, bounds)))
    for query, seconds in slowest:
        _tell(f"    {query}", seconds)
    _tell("    HTML", median_seconds(lambda: render_dashboard(content, datetime.now(UTC))))


def _tell(what: str, seconds: tuple[float, float]) -> None:
    _say(f"{what:<40} {seconds[0]:6.2f} s passed  {seconds[1]:6.2f} s of processor")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Make the publication, measure, clean up."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--products", type=int, default=50_000)
    options.add_argument("--sessions", type=int, default=5_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dashboard-bench-") as folder:
        home = Home(Path(folder))
        began = time.perf_counter()
        size = make_publication(home, products=chosen.products, sessions=chosen.sessions)
        _say(
            f"{DAYS} days, {chosen.products:,} products, {chosen.sessions:,} sessions: "
            f"{size / 1e6:,.0f} MB, made in {time.perf_counter() - began:.0f} s"
        )
        _tell("first page after the start", median_seconds(lambda: _first_page(home), times=1))
        measure(home)


def _first_page(home: Home) -> None:
    publication = Reader(home).current()
    assert publication is not None
    bounds = read_bounds(publication)
    assert bounds is not None
    render_dashboard(read_content(publication, read_filters({}, bounds), bounds), datetime.now(UTC))


if __name__ == "__main__":
    main()
