"""What is told of a build while it runs: every node counts, whatever became of it."""

from __future__ import annotations

from pathlib import Path

from clickstream.dbt_runner import build, parse
from clickstream.settings import PROJECT, Home

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
    folder = tmp_path / "project"
    for name, content in {**FILES, "profiles.yml": (PROJECT / "profiles.yml").read_text()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    told: list[tuple[int, int, str]] = []
    project = parse(home, lambda *_: None, folder)
    report = build(home, project, lambda *now: told.append(now), folder=folder)
    assert report.counts == {"built": 2, "passed": 2, "failed": 2, "skipped": 1}
    assert {total for _, total, _ in told} == {7}
    assert max(done for done, _, _ in told) == 7
    assert told[-1][2].endswith(", 2 failed")
