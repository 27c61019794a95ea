"""Twenty queries as a dashboard asks them, run on the published file by a reader of its own."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

PAUSE_SECONDS = 0.5
"""Between two rounds of the queries: a dashboard that somebody looks at, not a load test."""

LAST_DATE = "(select max(view_date) from marts.daily_page_views)"

QUERIES = {
    "views per day": """
        select view_date, sum(view_count) from marts.daily_page_views group by all order by all""",
    "views of the last date": f"""
        select sum(view_count) from marts.daily_page_views where view_date = {LAST_DATE}""",
    "views per hour": """
        select view_hour, view_count, session_count from marts.hourly_page_views order by all""",
    "busiest hour": "select view_hour from marts.hourly_page_views order by view_count desc limit 1",
    "top products": f"""
        select * from marts.daily_product_page_views where view_date = {LAST_DATE}
        order by view_count desc limit 20""",
    "top products of all days": """
        select product_id, sum(view_count) as views from marts.daily_product_page_views
        group by all order by views desc limit 20""",
    "one product": """
        select view_date, view_count from marts.daily_product_page_views
        where product_id = 42 order by all""",
    "top pages": """
        select page_path, sum(view_count) as views from marts.daily_page_views
        group by all order by views desc limit 20""",
    "search pages": """
        select sum(view_count) from marts.daily_page_views where starts_with(page_path, '/search')""",
    "bots": """
        select view_date, sum(bot_view_count) from marts.daily_page_views group by all order by all""",
    "funnel": """
        select sum(view_count), sum(cart_count), sum(purchase_count) from marts.product_daily_funnel""",
    "best converting products": """
        select product_id, sum(purchase_count) / nullif(sum(view_count), 0) as ratio
        from marts.product_daily_funnel group by all order by ratio desc nulls last limit 20""",
    "revenue per day": """
        select activity_date, sum(revenue_amount) from marts.product_daily_funnel
        group by all order by all""",
    "orders": "select * from marts.daily_orders order by order_date desc limit 30",
    "sessions per day": "select session_date, count(*) from marts.sessions group by all order by all",
    "sessions per channel": "select channel_group, count(*) from marts.sessions group by all order by all",
    "bounce ratio": "select avg(is_bounce::int) from marts.sessions where not is_bot",
    "engaged time": """
        select session_date, avg(engaged_seconds) from marts.sessions where not is_bot group by all""",
    "devices": "select device_type, count(*) from marts.sessions group by all order by all",
    "landing pages": """
        select landing_page, count(*) as sessions from marts.sessions
        group by all order by sessions desc limit 20""",
}


class Reader:
    """Asks the queries on a thread while the `with` block runs, each round on a fresh connection."""

    def __init__(self, published: Path) -> None:
        self._published = published
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.seconds: dict[str, list[float]] = {name: [] for name in QUERIES}
        self.errors: list[str] = []
        self.rounds = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            try:
                self._round()
            except duckdb.Error as error:
                self.errors.append(str(error))

    def _round(self) -> None:
        path = self._published.resolve() / "clickstream.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            for name, query in QUERIES.items():
                started = time.monotonic()
                connection.execute(query).fetchall()
                self.seconds[name].append(time.monotonic() - started)
        self.rounds += 1


def latencies_of(readers: Sequence[Reader]) -> dict[str, dict[str, Any]]:
    """Per query: median and slowest, in milliseconds, over all rounds of all readers."""
    merged = {name: [s for reader in readers for s in reader.seconds[name]] for name in QUERIES}
    return {
        name: {
            "median_ms": round(statistics.median(seconds) * 1000, 2),
            "max_ms": round(max(seconds) * 1000, 2),
            "count": len(seconds),
        }
        for name, seconds in merged.items()
        if seconds
    }
