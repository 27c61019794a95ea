"""Results on the disk: one JSON file per date and scale; a case that is run again replaces its entry."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from bench.measure import Measured, Stage
from bench.settings import PROJECT, RESULTS, Scale
from bench.stages import Node

Name = TypeVar("Name", str, tuple[str, str])


def path_of(scale: Scale, day: str | None = None) -> Path:
    """The file of a day (today by default)."""
    day = day or datetime.now(UTC).date().isoformat()
    return RESULTS / (f"{day}.json" if scale.name == "full" else f"{day}-{scale.name}.json")


def save(path: Path, scale: Scale, case: str, content: dict[str, Any], measured_on: dict[str, Any]) -> None:
    """Put a case into a results file, with what `machine` told before it ran; the others stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cases": {}}
    found["scale"] = scale.name
    found["cases"][case] = {
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": measured_on,
        **content,
    }
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def load(path: Path) -> dict[str, Any]:
    """A results file."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def results_of(scale_name: str) -> list[Path]:
    """The results files of a scale, the newest first."""
    ending = "" if scale_name == "full" else f"-{scale_name}"
    found = [path for path in RESULTS.glob("*.json") if path.stem[len("2026-01-05") :] == ending]
    return sorted(found, reverse=True)


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median, smallest, largest and all values."""
    return {
        "median": round(statistics.median(values), 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
        "values": [round(value, 3) for value in values],
    }


def summarize(runs: Sequence[Measured]) -> dict[str, Any]:
    """Wall, CPU and peak memory of some runs of the same thing."""
    return {
        "runs": len(runs),
        "wall_seconds": spread([run.wall_seconds for run in runs]),
        "cpu_seconds": spread([run.cpu_seconds for run in runs]),
        "peak_bytes": spread([run.peak_bytes for run in runs]),
    }


def summarize_stages(found: Sequence[Mapping[Name, Stage]]) -> dict[Name, dict[str, Any]]:
    """The stages of some runs."""
    return {
        name: {
            field: spread([getattr(stages[name], field) for stages in found])
            for field in ("wall_seconds", "cpu_seconds", "peak_bytes")
        }
        for name in found[0]
        if all(name in stages for stages in found)
    }


def summarize_nodes(found: Sequence[Sequence[Node]]) -> list[dict[str, Any]]:
    """The nodes of some runs, the dearest first."""
    runs = [{(node.kind, node.name): node.cost for node in nodes} for nodes in found]
    named = [{"kind": kind, "name": name, **cost} for (kind, name), cost in summarize_stages(runs).items()]
    return sorted(named, key=lambda node: (-node["cpu_seconds"]["median"], node["name"]))


def machine() -> dict[str, Any]:
    """Facts of this machine and of what runs on it."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        **{name: version(name) for name in ("duckdb", "dbt-core", "dlt")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def commit() -> str:
    """The commit that was measured; `-dirty` where files differ from it other than those we write."""
    try:
        found = _git("rev-parse", "--short=12", "HEAD")
        ours = ("bench/results", "docs/performance.md", "docs/performance-*.svg")
        differs = _git("status", "--porcelain", "--", ".", *(f":!{path}" for path in ours))
        return found + ("-dirty" if differs else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(PROJECT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
