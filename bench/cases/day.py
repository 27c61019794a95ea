"""Cases of one large day: T1 (with T2), T3, T6, T9, and the peers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from bench import rivals
from bench.data import sample
from bench.homes import Place, bytes_of, load_once, new_place, remove, shop
from bench.measure import Measured
from bench.queries import Reader, latencies_of
from bench.results import spread, summarize, summarize_nodes, summarize_stages
from bench.settings import Scale
from bench.stages import RECORDED, by_kind, nodes, stages

Say = Callable[[str], None]


def _one_day(folder: Path, name: str, *, core: bool, env: dict[str, str]) -> tuple[Place, Measured]:
    place = new_place(name, sample=folder, core=core, env=env)
    return place, place.run()


def whole_day(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T1: core and all marts, each run in a fresh home; T2: a one-shot DuckDB query between the runs.

    The target is set for core; all marts are shown beside it.
    """
    folder = sample(scale.day, 1)
    files = rivals.clean_logs(folder)
    found: dict[str, Any] = {"events": scale.day, "files": len(files)}
    once: list[Measured] = []
    for variant in ("core", "all"):
        measured, staged, steps = [], [], []
        for number in range(1, runs + 1):
            if variant == "core":
                say(f"one DuckDB statement, {number} of {runs}")
                once.append(rivals.run_peer("duckdb_once", files)[0])
            say(f"a day, {variant}, {number} of {runs}")
            with shop(folder) as env:
                place, run = _one_day(folder, "day", core=variant == "core", env={**env, **RECORDED})
            measured.append(run)
            steps.append(nodes(place.home.root, run.samples))
            staged.append(stages(place.home.root, run) | by_kind(steps[-1]))
            remove(place)
        found[variant] = {
            **summarize(measured),
            "stages": summarize_stages(staged),
            "nodes": summarize_nodes(steps),
        }
    found["one_statement"] = summarize(once)
    return found


def little_memory(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T3: the day with CLICKSTREAM_MEMORY_LIMIT=512MB."""
    return _little_memory(scale, runs, say, core=True)


def little_memory_for_all(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T3 with all marts."""
    return _little_memory(scale, runs, say, core=False)


def _little_memory(scale: Scale, runs: int, say: Say, *, core: bool) -> dict[str, Any]:
    folder = sample(scale.day, 1)
    measured = []
    for number in range(1, runs + 1):
        say(f"a day with 512 MB, {number} of {runs}")
        limit = {"CLICKSTREAM_MEMORY_LIMIT": "512MB"}
        measured.append(load_once("little-memory", folder, core=core, env=limit))
    return {"events": scale.day, **summarize(measured)}


def sizes(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T6: bytes of the warehouse after ingest, and after the build. The same in every run: done once."""
    del runs
    folder = sample(scale.day, 1)
    found: dict[str, Any] = {"events": scale.day}
    for variant in ("core", "all"):
        with shop(folder) as env:
            place = new_place("sizes", sample=folder, core=variant == "core", env=env)
            say(f"sizes, {variant}: ingest")
            place.run("ingest")
            raw = place.home.warehouse.stat().st_size
            say(f"sizes, {variant}: build and publish")
            place.run()
        with duckdb.connect(str(place.home.warehouse), read_only=True) as connection:
            row = connection.execute(
                "select coalesce(sum(byte_count), 0)::bigint from ingest.arrivals"
            ).fetchone()
            space = connection.execute(
                "select used_blocks * block_size from pragma_database_size()"
            ).fetchone()
        found[variant] = {
            "source_bytes": row[0] if row else 0,
            "raw_bytes": raw,
            "warehouse_bytes": place.home.warehouse.stat().st_size,
            "used_bytes": space[0] if space else 0,
            "published_bytes": bytes_of(place.home.publications),
        }
        remove(place)
    return found


def readers(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T9: twenty queries, over and over, on the published file while the day is built and published anew."""
    folder = sample(scale.day, 1)
    with shop(folder) as env:
        say("readers: the publication that they open first")
        place, _ = _one_day(folder, "readers", core=True, env=env)
        rounds = []
        for number in range(1, runs + 1):
            say(f"readers: a full refresh beside them, {number} of {runs}")
            with Reader(place.home.published) as reader:
                run = place.run("run", "--full-refresh")
            rounds.append((reader, run))
        latencies = latencies_of([reader for reader, _ in rounds])
        remove(place)
    return {
        "events": scale.day,
        "rounds": spread([reader.rounds for reader, _ in rounds]),
        "errors": sum(len(reader.errors) for reader, _ in rounds),
        "queries": latencies,
        "refresh": summarize([run for _, run in rounds]),
    }


def peers(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """The peers on the same lines; all must count the same."""
    folder = sample(scale.day, 1)
    files = rivals.clean_logs(folder)
    few = rivals.clean_logs(folder, limit=scale.dlt_lines)
    found: dict[str, Any] = {"events": scale.day}
    counted: dict[str, tuple[int, int, str]] = {}
    for name, title in rivals.PEERS.items():
        measured = []
        given = few if name == "dlt_duckdb" else files
        for number in range(1, runs + 1):
            say(f"{title}, {number} of {runs}")
            run, output = rivals.run_peer(name, given)
            measured.append(run)
            counted[name] = rivals.counts(output)
        found[name] = {
            "title": title,
            "bytes": sum(path.stat().st_size for path in given),
            **summarize(measured),
        }
    say("the peers' counts are compared")
    few_counts = {
        "duckdb_once": rivals.counts(rivals.run_peer("duckdb_once", few)[1]),
        "dlt_duckdb": counted.pop("dlt_duckdb"),
    }
    rivals.require_equal(few_counts)
    rivals.require_equal(counted)
    found["counts"] = {name: {"rows": rows, "views": views} for name, (rows, views, _) in counted.items()}
    return found
