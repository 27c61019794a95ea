"""A dbt project whose nodes do nothing: what dbt itself takes for so many, whatever they hold."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from bench.measure import Measured, measure
from clickstream.settings import Home
from clickstream.warehouse import read_profile

DBT = "from dbt.cli.main import cli; cli()"


def empty_project(folder: Path, *, models: int, tests: int) -> Path:
    """Write a project of views of one row and of tests that find nothing into `folder`, anew; returns it.

    Args:
        folder: of the project, its profile and its DuckDB file.
        models: how many.
        tests: how many; each reads one of the models.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("models", "tests"):
        (folder / name).mkdir(parents=True)
    ours = read_profile(Home(folder))  # As many at a time as the pipeline builds.
    output = {"type": "duckdb", "path": str(folder / "empty.duckdb"), "threads": int(ours["threads"])}
    project = {
        "name": "empty_nodes",
        "profile": "empty_nodes",
        "flags": {"send_anonymous_usage_stats": False},
    }
    profile = {"empty_nodes": {"target": "duckdb", "outputs": {"duckdb": output}}}
    for name, content in (("dbt_project.yml", project), ("profiles.yml", profile)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML.
    for number in range(models):
        (folder / "models" / f"model_{number}.sql").write_text("select 1 as one\n", encoding="utf-8")
    for number in range(tests):
        sql = f"select one from {{{{ ref('model_{number % models}') }}}} where one is null\n"
        (folder / "tests" / f"test_{number}.sql").write_text(sql, encoding="utf-8")
    return folder


def build_empty(project: Path) -> Measured:
    """Build such a project, with the flags that the pipeline gives dbt; the first time it is parsed, too."""
    command = [sys.executable, "-c", DBT, "--log-level", "none", "--log-level-file", "info", "build"]
    return measure([*command, "--no-write-json", "--profiles-dir", str(project)], cwd=project)
