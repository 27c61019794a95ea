"""The cases: each prepares what it needs, measures, and returns what goes into the results file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.cases import day, growth, operators, small, tuning
from bench.settings import Scale

Say = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """A case.

    Args:
        name: as in the issue's table of targets.
        title: what is measured.
        minutes: about how long it takes on a quiet machine with two cores, full and quick, with 3 runs.
        run: does it.
    """

    name: str
    title: str
    minutes: tuple[int, int]
    run: Callable[[Scale, int, Say], dict[str, Any]]


CASES = {  # In this order: the limit of T1 is told by the operators, both of one hour.
    case.name: case
    for case in (
        Case(
            "T1",
            "a day from files to published, and T2: against one DuckDB statement",
            (30, 6),
            day.whole_day,
        ),
        Case("operators", "what each step costs by itself", (3, 3), operators.operators),
        Case("T3", "the same with 512 MB for DuckDB", (6, 2), day.little_memory),
        Case("T3-all", "the same with all marts", (10, 2), day.little_memory_for_all),
        Case("T4", "day 30 against day 2", (34, 12), growth.thirty_days),
        Case("T4-all", "the same with all marts", (18, 8), growth.thirty_days_of_all),
        Case("T5", "three days at once, to one day by turns", (34, 6), growth.three_days),
        Case("T5-6", "six days at once, to one day by turns", (55, 9), growth.six_days),
        Case("T5-6-all", "the same with all marts", (74, 11), growth.six_days_of_all),
        Case("T6", "bytes on the disk", (5, 1), day.sizes),
        Case("T7", "nothing new, and one small file", (5, 3), small.small_runs),
        Case("T8", "late events of three old dates among 365", (10, 4), small.late_events),
        Case("T9", "dashboard queries while a day is built", (8, 2), day.readers),
        Case("peers", "other tools: read, deduplicate, count, write", (35, 6), day.peers),
        Case("settings", "the day under other settings of profiles.yml", (60, 12), tuning.settings),
    )
}


def minutes(case: Case, scale: Scale, runs: int) -> float:
    """How long a case takes, about."""
    full, quick = case.minutes
    return (full if scale.name == "full" else quick) * (0.4 + 0.2 * runs)
