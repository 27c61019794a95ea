"""Cases of growth: T4 (a day costs the same after others) and T5 (so does an event among many)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.data import START, give, logs, sample
from bench.homes import Place, new_place, remove, shop
from bench.measure import Measured
from bench.results import summarize
from bench.settings import Scale

Say = Callable[[str], None]

PAIRS = 3
"""Of a late and an early day, one after the other: a machine that is slower an hour later is no growth."""

SETTLED = 4
"""From this day on every day has late lines of as many dates before it."""


def thirty_days(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T4: the last three days against days 2–4, and against days 4–6, which have as many late dates; core.

    The history comes day by day, as it does in a shop.
    """
    del runs
    history = [[number] for number in range(scale.series_days - PAIRS)]
    return _early_and_late(scale, history, say, core=True)


def thirty_days_of_all(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """T4 with all marts: the history comes in one run."""
    del runs
    return _early_and_late(scale, [list(range(scale.series_days - PAIRS))], say, core=False)


def _early_and_late(scale: Scale, history: list[list[int]], say: Say, *, core: bool) -> dict[str, Any]:
    """Runs of days on top of few days and on top of the whole history, by turns, in two homes.

    Then further days on top of the few, until as many are settled.
    """
    folder = sample(scale.series_day * scale.series_days, scale.series_days, seed=11)
    young, old = (
        new_place(f"thirty-days-{name}", sample=folder, core=core, all_logs=False)
        for name in ("young", "old")
    )

    def days(place: Place, numbers: list[int]) -> Measured:
        say(f"day {numbers[-1] + 1} of {scale.series_days}")
        give(logs(folder, [START + timedelta(days=number) for number in numbers]), place.inbox)
        return place.run()

    grown = [days(old, numbers) for numbers in history]
    days(young, [0])
    first, late = [], []
    for number in range(PAIRS):
        first.append(days(young, [1 + number]))
        late.append(days(old, [scale.series_days - PAIRS + number]))
    first += [days(young, [number]) for number in range(1 + PAIRS, SETTLED - 1 + PAIRS)]
    for place in (young, old):
        remove(place)
    every = grown + late
    return {
        "events_per_day": scale.series_day,
        "days_of_runs": [len(numbers) for numbers in history] + [1] * PAIRS,
        "early": summarize(first[:PAIRS]),
        "settled": summarize(first[-PAIRS:]),
        "late": summarize(late),
        "young_wall_seconds": [round(run.wall_seconds, 2) for run in first],
        "wall_seconds": [round(run.wall_seconds, 2) for run in every],
        "cpu_seconds": [round(run.cpu_seconds, 2) for run in every],
        "peak_bytes": [run.peak_bytes for run in every],
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
