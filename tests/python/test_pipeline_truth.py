"""The whole pipeline against what the generator knows of the data it made."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pipeline_support import (
    all_files,
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


def test_every_dbt_unit_test_passes(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = make_sample(tmp_path / "sample", events=1_000, days=1, seed=2)
    put(home, sample, all_files(sample))
    assert succeeded(run_with_shop(home, sample, monkeypatch))
    project = load_project(home, needs_dbt=True)

    report = build(home, project, lambda *_: None, unit_tests=True)

    assert report.failures == ()
    assert len(project.content["unit_tests"]) > 30
    assert report.is_clean
