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
    """T5: three days in one run (once), to the day of T1."""
    del runs
    return _days_at_once(scale, 3, say)


def six_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T5: six days in one run (once), to the day of T1."""
    del runs
    return _days_at_once(scale, 6, say)


def _days_at_once(scale: Scale, days: int, say: Say) -> dict[str, Any]:
    """A sample of its own: its catalogue and orders are those of so many days, too."""
    folder = sample(scale.day * days, days)
    say(f"{days} days at once")
    with shop(folder) as env:
        place = new_place("many-days", sample=folder, core=True, env=env)
        run = place.run()
    remove(place)
    return {"events": scale.day * days, **summarize([run])}
