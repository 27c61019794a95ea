"""The whole pipeline against what the generator knows of the data it made."""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline_support import all_files, differences, make_sample, put, run_with_shop, succeeded

from clickstream.dbt_runner import build
from clickstream.pipeline import load_project
from clickstream.settings import Home


@pytest.mark.parametrize(("events", "days", "seed"), [(3_000, 2, 1), (20_000, 3, 7)])
def test_every_mart_equals_the_truth_of_the_sample(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: int, days: int, seed: int
) -> None:
    sample = make_sample(tmp_path / "sample", events=events, days=days, seed=seed)
    put(home, sample, all_files(sample))

    outcome = run_with_shop(home, sample, monkeypatch)

    assert succeeded(outcome)
    assert outcome.publication is not None
    assert differences(home, sample) == {}


def test_every_dbt_unit_test_passes(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = make_sample(tmp_path / "sample", events=1_000, days=1, seed=2)
    put(home, sample, all_files(sample))
    assert succeeded(run_with_shop(home, sample, monkeypatch))
    project = load_project(home, needs_dbt=True)

    report = build(home, project, lambda *_: None, unit_tests=True)

    assert report.failures == ()
    assert len(project.content["unit_tests"]) > 30
    assert report.is_clean
