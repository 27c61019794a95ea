"""Cases of growth: T4 (a day costs the same after others) and T5 (so does an event among many)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.data import START, give, logs, sample
from bench.homes import new_place, remove, shop
from bench.results import summarize
from bench.settings import Scale

Say = Callable[[str], None]

NEIGHBOURS = 3
"""Days 2–4 are compared with the last three: each is run once, so its neighbours show the spread."""


def thirty_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T4: thirty days of core, one run each."""
    del runs
    return _days_of(scale, [[number] for number in range(scale.series_days)], say, core=True)


def thirty_days_of_all(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T4 with all marts: the days that are not compared come in one run."""
    del runs
    last = scale.series_days - NEIGHBOURS
    single = [[number] for number in range(scale.series_days)]
    arrivals = [*single[: 1 + NEIGHBOURS], list(range(1 + NEIGHBOURS, last)), *single[last:]]
    return _days_of(scale, arrivals, say, core=False)


def _days_of(scale: Scale, arrivals: list[list[int]], say: Say, *, core: bool) -> dict[str, Any]:
    """A run for each list of days, and what the first and last ones took."""
    days = scale.series_days
    folder = sample(scale.series_day * days, days, seed=11)
    place = new_place("thirty-days", sample=folder, core=core, all_logs=False)
    measured = []
    for numbers in arrivals:
        say(f"day {numbers[-1] + 1} of {days}")
        give(logs(folder, [START + timedelta(days=number) for number in numbers]), place.inbox)
        measured.append(place.run())
    remove(place)
    return {
        "events_per_day": scale.series_day,
        "days_of_runs": [len(numbers) for numbers in arrivals],
        "early": summarize(measured[1 : 1 + NEIGHBOURS]),
        "late": summarize(measured[-NEIGHBOURS:]),
        "wall_seconds": [round(run.wall_seconds, 2) for run in measured],
        "cpu_seconds": [round(run.cpu_seconds, 2) for run in measured],
        "peak_bytes": [run.peak_bytes for run in measured],
    }


def three_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T5: one day, and three days of a sample of six in one run (once)."""
    return {
        "events_per_day": scale.day,
        "1": _days_at_once(scale, 1, runs, say),
        "3": _days_at_once(scale, 3, 1, say),
    }


def six_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T5: six days in one run (once), to the one day of `three_days`."""
    del runs
    return {"events_per_day": scale.day, "6": _days_at_once(scale, 6, 1, say)}


def _days_at_once(scale: Scale, days: int, runs: int, say: Say) -> dict[str, Any]:
    folder = sample(scale.day * 6, 6, seed=13)
    measured = []
    lines = 0
    for number in range(1, runs + 1):
        say(f"{days} days at once, {number} of {runs}")
        with shop(folder) as env:
            place = new_place("many-days", sample=folder, core=True, all_logs=False, env=env)
            give(logs(folder, [START + timedelta(days=day) for day in range(days)]), place.inbox)
            measured.append(place.run())
        lines = _lines(place.home.warehouse)
        remove(place)
    return {"lines": lines, **summarize(measured)}


def _lines(warehouse: Any) -> int:
    import duckdb

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            "select sum(line_count)::bigint from ingest.arrivals where source_name = 'clickstream'"
        ).fetchone()
    return int(row[0]) if row else 0
