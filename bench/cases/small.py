"""Cases of small runs: T7 (nothing new, one small file) and T8 (late events of old dates)."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from bench.data import START, give, logs, one_file, sample
from bench.empty import build_empty, empty_project
from bench.homes import Place, new_place, remove
from bench.measure import Measured, measure
from bench.results import summarize
from bench.settings import PROJECT, Scale, cache

Say = Callable[[str], None]

FILE_EVENTS = 10_000
LATE_EVENTS = 1_000
HISTORY_DAYS = 365

IMPORTS = "import dbt.cli.main, dbt.adapters.duckdb, dlt"
"""The least that a run with something to do waits for."""


def small_runs(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T7: in a home with three days of 100,000 events; the marts of all areas.

    Also what no small run can be faster than: a build to which nothing came, dbt with as many nodes that do
    nothing at all, and the imports alone. And what no first run can: a build to which nothing came, in a home
    where dbt has not read the project.
    """
    del scale
    history = sample(300_000, 3, seed=17)
    place = new_place("small", sample=history, all_logs=False)
    give(logs(history), place.inbox)
    say("small runs: the history")
    place.run()
    nothing = []
    for number in range(1, runs + 1):
        say(f"nothing new, {number} of {runs}")
        nothing.append(place.run())
    news = _files(place, runs, FILE_EVENTS, days=1, first=100, say=say, what="one small file")
    idle = []
    for number in range(1, runs + 1):
        say(f"a build of nothing, {number} of {runs}")
        idle.append(place.run("build"))
    unread = []
    for number in range(1, runs + 1):
        say(f"a build of nothing that reads the project anew, {number} of {runs}")
        shutil.rmtree(place.home.dbt_target)
        unread.append(place.run("build"))
    models, tests = _nodes(place.home.warehouse)
    project = empty_project(cache() / "empty", models=models, tests=tests)
    build_empty(project)
    empty = []
    for number in range(1, runs + 1):
        say(f"{models} models and {tests} tests that do nothing, {number} of {runs}")
        empty.append(build_empty(project))
    imports = []
    for number in range(1, runs + 1):
        say(f"imports of dbt and dlt, {number} of {runs}")
        imports.append(measure([sys.executable, "-c", IMPORTS], cwd=PROJECT))
    remove(place)
    return {
        "file_events": FILE_EVENTS,
        "nothing_new": summarize(nothing),
        "one_file": summarize(news),
        "idle_build": summarize(idle),
        "unread_build": summarize(unread),
        "empty_nodes": {"models": models, "tests": tests, **summarize(empty)},
        "imports": summarize(imports),
    }


def late_events(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T8: files of 1,000 events of three dates, some months old."""
    history = sample(scale.history_day * HISTORY_DAYS, HISTORY_DAYS, seed=19)
    place = new_place("late", sample=history, all_logs=False)
    give(logs(history), place.inbox)
    say("late events: a year of history")
    place.run()
    late = _files(place, runs, LATE_EVENTS, days=3, first=60, say=say, what="late events")
    remove(place)
    return {
        "history_days": HISTORY_DAYS,
        "history_events": scale.history_day * HISTORY_DAYS,
        "late_events": LATE_EVENTS,
        "late": summarize(late),
    }


def _files(
    place: Place, runs: int, events: int, *, days: int, first: int, say: Say, what: str
) -> list[Measured]:
    """Runs with one new file each, whose events happen on `days` dates from day `first` on."""
    measured = []
    for number in range(1, runs + 1):
        say(f"{what}, {number} of {runs}")
        start = START + timedelta(days=first + 10 * number)
        folder = sample(events, days, seed=100 + number, start=start)
        name = f"late-{number}.jsonl"
        one_file(folder, place.inbox / "extra" / name)
        before = _views(place.home.published)
        measured.append(place.run())
        if _views(place.home.published) <= before:
            raise RuntimeError(f"The events of {name} cannot be read in {place.home.published}.")
    return measured


def _nodes(warehouse: Path) -> tuple[int, int]:
    """How many models (with seeds) and how many tests the last build had."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            "select count(*) filter (resource_type in ('model', 'seed')), "
            "count(*) filter (resource_type = 'test') from operations.node_results "
            "where invocation_id = (select max_by(invocation_id, started_at) from operations.builds)"
        ).fetchone()
    return row or (0, 0)


def _views(published: Path) -> int:
    """Page views that readers see."""
    for _ in range(3):
        try:
            with duckdb.connect(str(published / "clickstream.duckdb"), read_only=True) as connection:
                row = connection.execute(
                    "select sum(view_count)::bigint from marts.daily_page_views"
                ).fetchone()
                return int(row[0] or 0) if row else 0
        except duckdb.IOException:
            time.sleep(0.1)
    return 0
