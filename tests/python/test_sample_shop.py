"""The sample is a plausible shop: funnel, orders, catalogue, texts, rates."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from test_sample_recount import (
    BOT,
    Recount,
    latest_orders,
    orders_of,
    product_of,
    totals,
    truth,
)

from sample.generate import generate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("sample"), events=20_000, days=2, seed=7).out


@pytest.fixture(scope="module")
def recount(folder: Path) -> Recount:
    return Recount(folder)


def test_lines_are_about_500_bytes_of_real_json(recount: Recount) -> None:
    mean = sum(recount.lengths) / len(recount.lengths)
    assert 450 < mean < 550
    text = b"\n".join(recount.raw)
    assert "/guide/größen".encode() in text, "UTF-8"
    assert rb"/guide/gr\u00f6\u00dfen" in text, "the same page, escaped"
    assert rb"27\"" in text, "escaped quotation marks"
    assert "CUBOT" in text.decode("utf-8", "replace"), "a telephone that is not a bot"


def test_a_new_field_appears_on_the_second_day(recount: Recount) -> None:
    days = {str(event["at"].date()) for event in recount.events if "ab_variant" in event}
    assert "2026-01-05" not in days
    assert all("ab_variant" in event for event in recount.events if event["at"].date() > date(2026, 1, 5))


def test_the_funnel_is_plausible(folder: Path, recount: Recount) -> None:
    """Nothing is put in a cart unseen, nothing bought without a checkout, and the API knows every order."""
    orders = {order["order_id"] for order in orders_of(folder)}
    sessions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in recount.events:
        sessions[event["session_id"]].append(event)
    lost = 0
    for events in sessions.values():
        events.sort(key=lambda event: event["at"])
        seen: set[str | None] = set()
        actions: set[str] = set()
        for event in events:
            action = event["action"]
            if action == "page_view":
                seen.add(product_of(event))
            if action == "add_to_cart":
                lost += product_of(event) not in seen
            if action == "purchase":
                lost += "begin_checkout" not in actions
                assert event["properties"]["order_id"] in orders
            actions.add(action)
    assert lost < 0.02 * len(sessions), "only where the event before was quarantined"
    crossing = [events for events in sessions.values() if events[0]["at"].date() != events[-1]["at"].date()]
    assert len(crossing) >= 0.009 * len(sessions), "over midnight"


def test_revenue_of_a_purchase_is_the_total_of_its_order(folder: Path, recount: Recount) -> None:
    placed = {order["order_id"]: order for order in reversed(orders_of(folder))}
    purchases = [event for event in recount.events if event["action"] == "purchase"]
    assert purchases
    for event in purchases:
        order = placed[event["properties"]["order_id"]]
        assert Decimal(str(event["properties"]["revenue"])) == order["total"]
        assert order["total"] == sum(item["quantity"] * item["unit_price"] for item in order["items"])
        assert order["session_id"] == event["session_id"]


def test_catalogue_is_csv_with_one_broken_record(folder: Path) -> None:
    text = (folder / "catalogue" / "products.csv").read_text(encoding="utf-8")
    header, *records = csv.reader(io.StringIO(text, newline=""))
    broken = [record for record in records if len(record) != len(header)]
    assert len(broken) == 1
    assert len(records) == 5_000
    good = [dict(zip(header, record, strict=True)) for record in records if len(record) == len(header)]
    assert all(row["sku"].startswith("000") for row in good)
    assert any("\n" in row["description"] and '"' in row["description"] for row in good)
    assert any("," in row["name"] for row in good)
    assert ',"",' in text, "quoted empty"
    assert ",false,,2" in text or ",true,,2" in text, "empty"
    with (folder / "catalogue" / "categories.csv").open(encoding="utf-8", newline="") as file:
        parents = {row["category_id"]: row["parent_category_id"] for row in csv.DictReader(file)}
    levels = Counter(
        1 + bool(parents[category]) + bool(parents.get(parents[category])) for category in parents
    )
    assert levels == {1: 4, 2: 16, 3: 64}
    assert {row["category_id"] for row in good} <= set(parents)


def test_views_of_unknown_products_are_marked(folder: Path) -> None:
    with (folder / "catalogue" / "products.csv").open(encoding="utf-8", newline="") as file:
        known = {row[0] for row in csv.reader(file) if len(row) == 9}
    for row in truth(folder, "daily_product_page_views"):
        assert row["is_in_catalogue"] == str(row["product_id"] in known).lower()


def test_users_of_events_are_in_the_users_file(folder: Path, recount: Recount) -> None:
    with (folder / "catalogue" / "users.csv").open(encoding="utf-8", newline="") as file:
        users = {row["user_id"] for row in csv.DictReader(file)}
    assert {event["user_id"] for event in recount.events if event.get("user_id")} <= users


def test_conflicts_differ_in_time_or_in_page(recount: Recount) -> None:
    first = {event["event_id"]: event for event in recount.events}
    seen: Counter[str] = Counter()
    for line in recount.raw:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        original = first.get(event.get("event_id"))
        if original and event.get("page") and original["timestamp"] != event["timestamp"]:
            seen["timestamp"] += 1
        elif original and event.get("page") and original["page"] != event["page"]:
            seen["page"] += 1
    assert seen == {"timestamp": 20, "page": 20}


def test_rates_are_what_the_documentation_says(folder: Path, recount: Recount) -> None:
    humans = [event for event in recount.events if not BOT.search(event["user_agent"])]
    assert sum(not event.get("user_id") for event in humans) / len(humans) == pytest.approx(0.05, abs=0.005)
    actions = Counter(event["action"] for event in recount.events)
    assert actions["page_view"] / actions.total() == pytest.approx(0.8, abs=0.02)
    assert set(actions) == {"page_view", "click", "search", "add_to_cart", "begin_checkout", "purchase"}
    total = totals(folder)
    assert total["duplicate_count"] == 200
    assert total["quarantined_count"] == 180
    assert total["blank_count"] == 20
    assert total["bot_event_count"] / total["event_count"] == pytest.approx(
        Decimal("0.04"), abs=Decimal("0.01")
    )


def test_orders_are_what_a_reader_adds_up(folder: Path) -> None:
    days: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    products: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    rejected = []
    for order in latest_orders(folder).values():
        day = order["created_at"][:10]
        good = [item for item in order["items"] if item["quantity"] > 0 and item["product_id"].isdigit()]
        rejected += [
            (order["order_id"], str(item["line_number"])) for item in order["items"] if item not in good
        ]
        units = Decimal(sum(item["quantity"] for item in good))
        revenue = sum((item["quantity"] * item["unit_price"] for item in good), Decimal(0))
        days[day] = [a + b for a, b in zip(days[day], (1, units, revenue), strict=True)]
        for product in {item["product_id"] for item in good}:
            of_product = [item for item in good if item["product_id"] == product]
            added = (
                1,
                sum(item["quantity"] for item in of_product),
                sum(item["quantity"] * item["unit_price"] for item in of_product),
            )
            products[day, product] = [a + b for a, b in zip(products[day, product], added, strict=True)]
    measures = ("order_count", "unit_count", "revenue")
    expected = {
        row["order_date"]: [Decimal(row[name]) for name in measures] for row in truth(folder, "daily_orders")
    }
    assert expected == days
    funnel = {
        (row["date"], row["product_id"]): [Decimal(row[name]) for name in measures]
        for row in truth(folder, "product_daily_funnel")
        if int(row["order_count"])
    }
    assert funnel == products
    rejections = {(row["order_id"], row["line_number"]) for row in truth(folder, "rejected_order_items")}
    assert rejections == set(rejected)
