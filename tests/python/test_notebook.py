"""The notebook runs as a whole, and what it computes equals SQL and arithmetic written anew."""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import pytest
from published_support import query

from clickstream.settings import PROJECT, Home


@pytest.fixture(scope="module")
def cells(published: Home) -> dict[str, Any]:
    """The names that the notebook's cells define, once all have run."""
    spec = importlib.util.spec_from_file_location("tour", PROJECT / "notebooks" / "tour.py")
    assert spec is not None
    assert spec.loader is not None
    notebook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLICKSTREAM_HOME", str(published.root))
        _, defined = notebook.app.run()
    return dict(defined)


def test_the_notebook_reads_the_publication_and_shows_its_tables(
    cells: dict[str, Any], published: Home
) -> None:
    assert cells["publication"] == published.published.resolve()
    held = query(published.published / "clickstream.duckdb", "select count(*) from duckdb_tables()")
    assert len(cells["tables"]) == held[0][0]
    assert all(cells["tables"]["description"])


def test_the_days_equal_the_events(cells: dict[str, Any], published: Home) -> None:
    views = query(
        published.warehouse,
        """select event_date, count(*) from normalized.events as e
        where action = 'page_view' and event_date < (
            select min(complete_until_at)::date from operations.watermarks
        ) and not exists (
            select 1 from normalized.bot_session_days as b
            where b.session_id = e.session_id and b.event_date = e.event_date
        ) group by 1 order by 1""",
    )
    assert len(views) > 20
    assert cells["days"].select("traffic_date", "view_count").rows() == views
    drawn = cells["views"].to_dict()
    points = next(iter(drawn["datasets"].values())) if "datasets" in drawn else drawn["data"]["values"]
    assert [point["value"] for point in points] == [count for _, count in views]


def test_the_overlooked_products_have_fewer_carts_than_usual(cells: dict[str, Any], published: Home) -> None:
    rows = cells["overlooked"].to_dicts()
    assert rows
    for row in rows:
        views, carts = query(
            published.warehouse,
            "select sum(view_count), sum(cart_count) from marts.product_daily_funnel where product_id = ?",
            row["product_id"],
        )[0]
        assert (row["view_count"], row["cart_count"]) == (views, carts)
        assert views >= 10
    assert rows[0]["cart_ratio"] < rows[0]["usual_ratio"]


def test_the_answer_rests_on_intervals_as_wilson_has_them(cells: dict[str, Any], published: Home) -> None:
    counted = query(
        published.warehouse,
        """select channel_group, count(*), sum(cast(purchase_count > 0 as int))
        from marts.sessions where not is_bot group by 1""",
    )
    expected = {channel: _wilson(int(bought), int(n)) for channel, n, bought in counted}
    rows = cells["conversion"].to_dicts()
    assert {row["channel_group"] for row in rows} == set(expected)
    for row in rows:
        low, high = expected[row["channel_group"]]
        assert row["low_ratio"] == pytest.approx(low, abs=1e-9)
        assert row["high_ratio"] == pytest.approx(high, abs=1e-9)
    apart = {(a, b) for a in expected for b in expected if expected[a][0] > expected[b][1]}
    assert set(cells["apart"]) == apart
    cells["intervals"].to_dict()


def _wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval: the p for which |p̂ - p| = z √(p (1 - p) / n), by the quadratic formula."""
    z = 1.959964
    a, b, c = n + z * z, -(2 * successes + z * z), successes * successes / n
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)
