"""Results of the bench as its cases give them, with figures that a test chooses."""

from __future__ import annotations

from typing import Any

from bench.results import spread

MADE: dict[str, Any] = {"commit": "abc", "finished_at": "2026-01-05T00:00:00+00:00"}


def run_of(wall: float, cpu: float, peak: float) -> dict[str, Any]:
    """One run: wall and CPU seconds, peak bytes."""
    figures = {"wall_seconds": wall, "cpu_seconds": cpu, "peak_bytes": peak}
    return {"runs": 1, **{name: spread([value]) for name, value in figures.items()}}


def results_of(wall: float) -> dict[str, Any]:
    """What `make bench` writes down where a day of T1, core, took `wall` seconds."""
    node = {"kind": "model", "name": "events", **run_of(12, 23, 1.2e9)}
    core = {
        **run_of(wall, 100, 1e9),
        "stages": {"publish": run_of(9, 12, 1e9), "ingest": run_of(20, 30, 1e9)},
        "nodes": [node],
    }
    cases = {
        "T1": {"core": core, "one_statement": run_of(15, 25, 1e9), **MADE},
        "T7": {"nothing_new": run_of(1, 1, 1e8), "one_file": run_of(9, 9, 1e8), **MADE},
        "peers": {"duckdb_once": {"title": "DuckDB", "bytes": 10**9, **run_of(15, 25, 1e9)}, **MADE},
    }
    machine = {
        "processor": "P",
        "cores": 2,
        "memory_bytes": 1e9,
        "system": "S",
        "python": "3",
        "load_before": 0.1,
    }
    return {
        "scale": "full",
        "machine": {**machine, "duckdb": "2", "dbt-core": "1", "dlt": "1"},
        "cases": cases,
    }
