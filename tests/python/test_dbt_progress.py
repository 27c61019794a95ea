"""What is told of a build while it runs: every node counts, whatever became of it."""

from __future__ import annotations

from pathlib import Path

from toy_project import write_project

from clickstream.dbt_runner import build
from clickstream.pipeline import load_project
from clickstream.settings import Home

FILES = {
    "dbt_project.yml": "{name: plain, version: '1.0', profile: clickstream}",
    "models/good.sql": "select 1 as number",
    "models/broken.sql": "select no_such_column",
    "models/later.sql": "select * from {{ ref('broken') }}",
    "models/good.yml": "models: [{name: good, columns: [{name: number, data_tests: [not_null, unique]}]}]",
    "seeds/planted.csv": "number\n1\n",
    "tests/found.sql": "select * from {{ ref('good') }}",
}


def test_progress_counts_all_nodes_and_those_that_failed(home: Home, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "project", FILES)
    told: list[tuple[int, int, str]] = []
    project = load_project(home, needs_dbt=True, folder=folder)
    report = build(home, project, lambda *now: told.append(now), folder=folder)
    assert report.counts == {"built": 2, "passed": 2, "failed": 2, "skipped": 1}
    assert {total for _, total, _ in told} == {7}
    assert max(done for done, _, _ in told) == 7
    assert told[-1][2].endswith(", 2 failed")
