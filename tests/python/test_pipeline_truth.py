"""The whole pipeline against what the generator knows of the data it made."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from metrics_support import metric_queries, rounded
from pipeline_support import (
    all_files,
    built_home,
    differences,
    make_sample,
    project_with,
    put,
    run_with_shop,
    succeeded,
)

from clickstream.dbt_runner import build, invoke
from clickstream.pipeline import load_project
from clickstream.settings import PROJECT, Home
from clickstream.summary import show_outcome


@pytest.mark.parametrize(
    ("events", "days", "seed", "start", "time_zone"),
    [
        (3_000, 2, 1, date(2026, 1, 5), "UTC"),
        # On 29 March clocks are put forward in Berlin: a day of 23 hours.
        (20_000, 3, 7, date(2026, 3, 28), "Europe/Berlin"),
    ],
)
def test_every_mart_equals_the_truth_of_the_sample(
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    events: int,
    days: int,
    seed: int,
    start: date,
    time_zone: str,
) -> None:
    sample = make_sample(tmp_path / "sample", events=events, days=days, seed=seed, start=start)
    put(home, sample, all_files(sample))
    folder = project_with(tmp_path / "project", reporting_time_zone=time_zone)

    outcome = run_with_shop(home, sample, monkeypatch, folder=folder)

    assert succeeded(outcome)
    assert outcome.publication is not None
    assert differences(home, sample, time_zone) == {}


def test_a_time_zone_that_nobody_knows_stops_the_build_and_names_it(home: Home) -> None:
    result, watcher = invoke(
        home,
        ["build", "--select", "click_ids", "--vars", "{reporting_time_zone: Europe/Berlyn}"],
        lambda *_: None,
        PROJECT,
    )

    assert not result.success
    assert result.result is None  # Nothing was built.
    assert "reporting_time_zone is 'Europe/Berlyn', which is no known time zone" in " ".join(watcher.errors)


def test_a_var_that_is_no_number_of_events_stops_the_build_and_is_named(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = make_sample(tmp_path / "sample", events=1_000, days=1, seed=4)
    put(home, sample, all_files(sample))
    folder = project_with(tmp_path / "project", events_at_once="0")

    outcome = run_with_shop(home, sample, monkeypatch, folder=folder)
    show_outcome(home, outcome)

    assert outcome.exit_code == 1
    assert outcome.publication is None
    assert "The var events_at_once of dbt_project.yml is '0': give a number" in capsys.readouterr().out


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which 1,000 events went through the pipeline."""
    return built_home(tmp_path_factory.mktemp("small_shop"), events=1_000, days=1, seed=2)


def test_metrics_that_metricflow_queries_equal_the_marts(
    small_shop: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLICKSTREAM_HOME", str(small_shop.root))
    folder = project_with(tmp_path / "project")
    (folder / "target").mkdir()
    shutil.copy(small_shop.dbt_target / "semantic_manifest.json", folder / "target")

    with metric_queries(folder) as query:
        by_day = query(
            [
                "views",
                "bot_views",
                "sessions",
                "visitors",
                "orders",
                "revenue",
                "conversion_rate",
                "bounce_rate",
            ],
            ["metric_time__day"],
        )
        by_channel = query(["sessions", "session_revenue"], ["session__channel_group"])
        by_category = query(["product_views", "product_revenue"], ["product__category__top_category_name"])
        abandoned = query(["carts", "cart_abandonment_rate"], [])

    with duckdb.connect(str(small_shop.warehouse), read_only=True) as connection:
        assert by_day == rounded(
            connection,
            """select traffic_date, view_count, bot_view_count, session_count, visitor_count, order_count,
                revenue_amount, purchase_session_count / nullif(session_count, 0),
                bounce_count / nullif(session_count, 0)
            from marts.daily_traffic""",
        )
        assert by_channel == rounded(
            connection,
            """select channel_group, sum(session_count), sum(revenue_amount)
            from marts.daily_channels group by channel_group""",
        )
        assert by_category == rounded(
            connection,
            """select category_name, sum(view_count), sum(revenue_amount)
            from marts.daily_categories inner join marts.categories using (category_id)
            where category_level = 0 group by category_name""",
        )
        assert abandoned == rounded(
            connection,
            """select sum(cart_session_count), sum(abandoned_cart_count) / sum(cart_session_count)
            from marts.daily_carts""",
        )


def test_every_dbt_unit_test_passes(small_shop: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKSTREAM_HOME", str(small_shop.root))
    project = load_project(small_shop, needs_dbt=True)

    report = build(small_shop, project, lambda *_: None, unit_tests=True)

    assert report.failures == ()
    assert len(project.content["unit_tests"]) > 60
    assert report.is_clean
