"""Cases of growth: T4 (a day costs the same after others) and T5 (so does an event among many)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.data import START, give, logs, sample
from bench.homes import Place, bring_back, keep, load_once, new_place, remove
from bench.measure import CommandFailedError, Measured
from bench.results import summarize
from bench.settings import Scale

Say = Callable[[str], None]

FIRST_DAYS = {"early": 2, "settled": 4}
"""Which the last day is compared with: from day 4 on every day has late lines of as many dates before it, day
2 has those of one.
"""


def thirty_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T4: the last day against the second, and against the fourth; core.

    The history comes day by day, as it does in a shop.
    """
    history = [[number] for number in range(1, scale.series_days)]
    return _ends(scale, runs, history, say, core=True)


def thirty_days_of_all(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T4 with all marts: the history comes in one run."""
    return _ends(scale, runs, [list(range(1, scale.series_days))], say, core=False)


def _ends(scale: Scale, runs: int, history: list[list[int]], say: Say, *, core: bool) -> dict[str, Any]:
    """The same few days several times, each on a copy of the home as it was the day before, by turns.

    By turns, because a machine that is slower an hour later is no growth; several times, because one run says
    little on a machine whose speed changes by a fifth.
    """
    folder = sample(scale.series_day * scale.series_days, scale.series_days, seed=11)
    young, old = (
        new_place(f"thirty-days-{name}", sample=folder, core=core, all_logs=False)
        for name in ("young", "old")
    )

    def load(place: Place, numbers: list[int]) -> Measured:
        give(logs(folder, [START + timedelta(days=number - 1) for number in numbers]), place.inbox)
        return place.run()

    say("days 1 to 3 of a young home")
    before: dict[str, tuple[Place, Path]] = {}
    load(young, [1])
    before["early"] = young, keep(young, "day-1")
    load(young, [2])
    load(young, [3])
    before["settled"] = young, keep(young, "day-3")
    grown = []
    for numbers in history:
        say(f"day {numbers[-1]} of {scale.series_days}")
        grown.append(load(old, numbers))
    before["late"] = old, keep(old, "history")
    ends = {**FIRST_DAYS, "late": scale.series_days}
    measured: dict[str, list[Measured]] = {name: [] for name in ends}
    for number in range(1, runs + 1):
        for name, day in ends.items():
            place, kept = before[name]
            say(f"day {day} again, {number} of {runs}")
            bring_back(place, kept)
            measured[name].append(load(place, [day]))
    for place, kept in before.values():
        remove(place)
        shutil.rmtree(kept)
    every = [*grown, *measured["late"]]
    return {
        "events_per_day": scale.series_day,
        "days": ends,
        "days_of_runs": [len(numbers) for numbers in history],
        **{name: summarize(found) for name, found in measured.items()},
        "wall_seconds": [round(run.wall_seconds, 2) for run in grown],
        "cpu_seconds": [round(run.cpu_seconds, 2) for run in grown],
        "peak_bytes": [run.peak_bytes for run in every],
    }


def three_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T5: three days in one run, to one day."""
    return _days_at_once(scale, 3, runs, say, core=True)


def six_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T5: six days in one run, to one day."""
    return _days_at_once(scale, 6, runs, say, core=True)


def six_days_of_all(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T5 with all marts: six days in one run."""
    return _days_at_once(scale, 6, runs, say, core=False)


def _days_at_once(scale: Scale, days: int, runs: int, say: Say, *, core: bool) -> dict[str, Any]:
    """Each run follows one of T1's day, because a machine's speed does not stay the same for hours.

    The days have a sample of their own: its catalogue and orders are those of so many days, too.

    Raises:
        CommandFailedError: a day failed, or every run of many days. One of several is counted, and the
            target is missed.
    """
    one, many = sample(scale.day, 1), sample(scale.day * days, days)
    single, measured = [], []
    for number in range(1, runs + 1):
        say(f"one day, {number} of {runs}")
        single.append(load_once("many-days", one, core=core))
        say(f"{days} days at once, {number} of {runs}")
        try:
            measured.append(load_once("many-days", many, core=core))
        except CommandFailedError as error:
            say(str(error))
            if number == runs and not measured:
                raise
    return {
        "events": scale.day * days,
        "day": summarize(single),
        "failed": runs - len(measured),
        **summarize(measured),
    }
