"""Where the time of a pipeline run went: stages, and models and tests by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.measure import Measured, Sample, Stage, apportion, within

RECORDED = {"DBT_LOG_FORMAT_FILE": "json"}
"""Variables of a run whose nodes are to be told: in dbt's log, each then says when it began and ended."""

NODE_RESULTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}


@dataclass(frozen=True)
class Node:
    """A model, seed or test of a build: CPU seconds are shared with what ran at the same time."""

    name: str
    kind: str
    cost: Stage


def stages(home: Path, run: Measured) -> dict[str, Stage]:
    """Ingest, build (models and tests) and publish of a `clickstream run`, by the books it kept.

    `start` is what comes before ingest (imports, reading the project); `publish` goes to the end.
    """
    end = run.started_at + run.wall_seconds
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        loads = connection.execute(
            "select epoch(min(started_at)), epoch(max(finished_at)) from ingest.load_runs "
            "where epoch(started_at) >= ?",
            [run.started_at - 1],
        ).fetchone()
        builds = connection.execute(
            "select epoch(max(started_at)), epoch(max(finished_at)) from operations.builds "
            "where epoch(started_at) >= ? and command = 'build'",
            [run.started_at - 1],
        ).fetchone()
    marks = [("start", run.started_at)]
    if loads and loads[0]:
        marks.append(("ingest", loads[0]))
    if builds and builds[0]:
        marks += [("build", max(builds[0], loads[1] if loads else 0)), ("publish", builds[1])]
    ends = [moment for _, moment in marks[1:]] + [end]
    return {name: within(run.samples, start, stop) for (name, start), stop in zip(marks, ends, strict=True)}


def nodes(home: Path, samples: Sequence[Sample]) -> list[Node]:
    """Every node of a run in an empty home, by the log of dbt: the run had `RECORDED` among its variables."""
    windows: dict[str, tuple[float, float]] = {}
    with (home / ".clickstream" / "logs" / "dbt.log").open(encoding="utf-8") as log:
        for line in log:
            event = json.loads(line)
            if event["info"]["name"] in NODE_RESULTS:
                node = event["data"]["node_info"]
                windows[node["unique_id"]] = (
                    _moment(node["node_started_at"]),
                    _moment(node["node_finished_at"]),
                )
    shares = apportion(samples, windows)
    found = []
    for unique_id, (start, end) in windows.items():
        kind, _, name = unique_id.split(".")[:3]
        found.append(Node(name, kind, replace(within(samples, start, end), cpu_seconds=shares[unique_id])))
    return found


def by_kind(found: Sequence[Node]) -> dict[str, Stage]:
    """What models, seeds and tests took in all."""
    return {
        f"{kind}s": Stage(
            sum(cost.wall_seconds for cost in costs),
            sum(cost.cpu_seconds for cost in costs),
            max(cost.peak_bytes for cost in costs),
        )
        for kind in ("model", "seed", "test")
        if (costs := [node.cost for node in found if node.kind == kind])
    }


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
