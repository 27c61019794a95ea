"""What the whole-pipeline tests share: a home with sample data, a run with the order API, the truth."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb

from clickstream.pipeline import Outcome, run
from clickstream.settings import Home
from sample.generate import generate
from sample.shop_api import serve_orders

TOKEN = "token-of-the-tests"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# One port for all runs: it stands in a setting, and another setting is another project.
PORT = _free_port()

# What the pipeline says -> what the generator knows, as queries; `{truth}` is the folder of the truth.
TRUTHS = {
    "event_accounting": (
        """select regexp_extract(source_file, 'events/.*') as source_file, line_count, blank_count,
            event_count, duplicate_count, quarantined_count
        from operations.event_accounting""",
        """select source_file, line_count, blank_count, event_count, duplicate_count, quarantined_count
        from read_csv('{truth}/lines_per_file.csv')""",
    ),
    "quarantined_events": (
        """select source_file, reason, count(*)
        from (
            select regexp_extract(source_file, 'events/.*') as source_file, unnest(reasons) as reason
            from operations.quarantined_events
        )
        group by source_file, reason""",
        "select source_file, reason, line_count from read_csv('{truth}/quarantined.csv')",
    ),
    "daily_product_page_views": (
        """select view_date, product_id, view_count, session_count, visitor_count
        from marts.daily_product_page_views where view_count > 0""",
        """select view_date, product_id, human_view_count, human_session_count, human_visitor_count
        from read_csv('{truth}/daily_product_page_views.csv') where human_view_count > 0""",
    ),
    "daily_page_views": (
        """select view_date, page_path, view_count, session_count, visitor_count, bot_view_count
        from marts.daily_page_views""",
        """select view_date, page_path, human_view_count, human_session_count, human_visitor_count,
            view_count - human_view_count
        from read_csv('{truth}/daily_page_views.csv')""",
    ),
    "hourly_page_views": (
        """select view_hour, view_count, session_count, visitor_count
        from marts.hourly_page_views where view_count > 0""",
        """select cast(view_hour as timestamp), human_view_count, human_session_count, human_visitor_count
        from read_csv('{truth}/hourly_page_views.csv') where human_view_count > 0""",
    ),
    "sessions": (
        """select session_id, first_event_at, last_event_at, event_count, page_view_count, is_bot
        from marts.sessions""",
        """select cast(session_id as varchar), cast(started_at as timestamp), cast(ended_at as timestamp),
            event_count, page_view_count, is_bot
        from read_csv('{truth}/sessions.csv', all_varchar = true)""",
    ),
    "product_daily_funnel": (
        """select activity_date, product_id, view_count, cart_count, purchase_count, unit_count,
            cast(revenue_amount as decimal(18, 2))
        from marts.product_daily_funnel where view_count + cart_count + purchase_count > 0""",
        """select date, product_id, human_view_count, cart_count, order_count, unit_count,
            cast(revenue as decimal(18, 2))
        from read_csv('{truth}/product_daily_funnel.csv')
        where human_view_count + cart_count + order_count > 0""",
    ),
    "daily_orders": (
        """select order_date, order_count, unit_count, cast(revenue_amount as decimal(18, 2))
        from marts.daily_orders""",
        """select order_date, order_count, unit_count, cast(revenue as decimal(18, 2))
        from read_csv('{truth}/daily_orders.csv')""",
    ),
}


def make_sample(folder: Path, *, events: int, days: int, seed: int) -> Path:
    """A sample day-set; returns its folder."""
    generate(folder, events=events, days=days, seed=seed)
    return folder


def put(home: Home, sample: Path, files: Iterable[Path]) -> None:
    """Copy files of a sample into the inbox of a home, under the same relative names."""
    for file in files:
        target = home.root / "data" / "inbox" / file.relative_to(sample)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def all_files(sample: Path) -> list[Path]:
    """Event logs and catalogue of a sample, in order."""
    return sorted(
        file for part in ("events", "catalogue") for file in (sample / part).rglob("*") if file.is_file()
    )


def run_with_shop(home: Home, sample: Path, monkeypatch: object, *, full_refresh: bool = False) -> Outcome:
    """One run of the pipeline while the order API of the sample answers on loopback."""
    with serve_orders(sample / "api" / "orders.jsonl", token=TOKEN, port=PORT) as api:
        monkeypatch.setenv("CLICKSTREAM_ORDERS_URL", api.url)  # type: ignore[attr-defined]
        monkeypatch.setenv("CLICKSTREAM_SHOP_TOKEN", TOKEN)  # type: ignore[attr-defined]
        return run(home, full_refresh=full_refresh)


def differences(home: Home, sample: Path) -> dict[str, tuple[int, int]]:
    """Marts that differ from the truth: name -> (rows only the pipeline has, rows only the truth has)."""
    found = {}
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        for name, (ours, truth) in TRUTHS.items():
            known = truth.format(truth=(sample / "expected").as_posix())
            counts = connection.execute(
                f"select (select count(*) from (({ours}) except all ({known}))), "
                f"(select count(*) from (({known}) except all ({ours}))), (select count(*) from ({ours}))"
            ).fetchone()
            assert counts is not None
            assert counts[2] > 0, f"{name} is empty"
            if counts[0] or counts[1]:
                found[name] = (counts[0], counts[1])
    return found


def succeeded(outcome: Outcome) -> bool:
    """Whether every stage did its work; else says on stderr, which pytest shows, what did not."""
    for failed in [*(outcome.built.failures if outcome.built else ()), outcome.refusal]:
        if failed is not None:
            sys.stderr.write(f"{failed}\n")
    return outcome.exit_code == 0
