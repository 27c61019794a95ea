"""Where the bench keeps its data, and at which scale it runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

RESULTS = PROJECT / "bench" / "results"
"""One JSON file per date and scale, kept in the repository."""


def cache() -> Path:
    """Where samples, warehouses and the peers' environment lie: CLICKSTREAM_BENCH, by default build/bench."""
    return Path(os.environ.get("CLICKSTREAM_BENCH") or PROJECT / "build" / "bench").expanduser().resolve()


@dataclass(frozen=True)
class Scale:
    """How large the cases are; `day` is the number of events of the T1 day.

    Args:
        name: `full` or `quick`; `tiny` tells whether the bench itself works.
        day: events of one day (T1, T2, T3, T6, T9); T5 takes three and six such days.
        series_days, series_day: how many days T4 has, and events of each.
        history_day: events of each of the 365 days of T8.
        dlt_lines: lines that the plain dlt peer gets (2,000 lines a second: all would take hours).
    """

    name: str
    day: int
    series_days: int
    series_day: int
    history_day: int
    dlt_lines: int


FULL = Scale(
    "full", day=10_000_000, series_days=30, series_day=1_000_000, history_day=10_000, dlt_lines=1_000_000
)
QUICK = Scale(
    "quick", day=1_000_000, series_days=30, series_day=100_000, history_day=1_000, dlt_lines=100_000
)
TINY = Scale("tiny", day=20_000, series_days=7, series_day=1_000, history_day=300, dlt_lines=5_000)
SCALES = {scale.name: scale for scale in (FULL, QUICK, TINY)}
