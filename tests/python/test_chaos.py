"""Killed a dozen times, the pipeline ends where it would have without: the small share of `make chaos`."""

from __future__ import annotations

from pathlib import Path

import pytest
from chaos.campaign import Campaign
from chaos.inputs import deal
from chaos.points import FORGET, POINTS, Point, find

KILLS = 12

IN_CI = (
    "between extract and normalize",
    "in a load job, all written, not committed",
    "load job committed, dlt not told",
    "between tables of a load",
    "all tables in, load not complete",
    "in dbt, after a statement",
    "a Parquet file written",
    "named, not switched",
)


def test_killed_a_dozen_times_it_ends_where_it_would_have_without(tmp_path: Path) -> None:
    inputs = deal(tmp_path / "sample", events=1_000, days=1, drops=KILLS, seed=11)
    points = tuple(point for point in POINTS if point.name in IN_CI)
    assert len(points) == len(IN_CI)

    result = Campaign(tmp_path, inputs, kills=KILLS, seed=11, points=points, compare_every=KILLS).run()

    assert result.faults == []
    assert (result.losses, result.duplicates) == (0, 0)
    assert result.kill_count >= 10  # a random moment may come after the end of a run
    assert result.polls > 20


@pytest.mark.parametrize("point", [*POINTS, *FORGET], ids=lambda point: point.name)
def test_every_point_is_a_place_in_the_code(point: Point) -> None:
    import dbt.cli.main  # noqa: F401  (its modules import each other in a circle: this one must be first)

    owner, name = find(point.target)
    assert callable(getattr(owner, name))
