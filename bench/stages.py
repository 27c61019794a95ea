"""Where the time of a pipeline run went: stages, and models and tests by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.measure import Measured, Sample, Stage, apportion, within


@dataclass(frozen=True)
class Node:
    """A model, seed or test of a build: CPU seconds are shared with what ran at the same time."""

    name: str
    kind: str
    wall_seconds: float
    cpu_seconds: float


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
    """Every node of the last build, the dearest first."""
    content = json.loads((home / ".clickstream" / "dbt" / "run_results.json").read_text(encoding="utf-8"))
    windows: dict[str, tuple[float, float]] = {}
    for result in content["results"]:
        times = [timing for timing in result["timing"] if timing["name"] == "execute"]
        if times and times[0]["started_at"] and times[0]["completed_at"]:
            windows[result["unique_id"]] = (
                _moment(times[0]["started_at"]),
                _moment(times[0]["completed_at"]),
            )
    shares = apportion(samples, windows)
    found = [
        Node(
            unique_id.split(".")[2],
            unique_id.split(".")[0],
            windows[unique_id][1] - windows[unique_id][0],
            shares[unique_id],
        )
        for unique_id in windows
    ]
    return sorted(found, key=lambda node: -node.cpu_seconds)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC).timestamp()
