"""Log files hold their lines in the order of the table they come from, or nothing is written at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from sample import logs
from sample.database import open_database, run_sql, set_variables, variables
from sample.logs import LogFile


def batch(rows: list[tuple[int, int, bytes]]) -> pa.RecordBatch:
    hours, positions, lines = zip(*rows, strict=True)
    return pa.record_batch(
        [pa.array(hours), pa.array(positions), pa.array(lines)], ["hour_no", "position", "line"]
    )


def test_lines_of_an_hour_are_taken_together() -> None:
    batches = [
        batch([(7, 0, b"a\n"), (7, 1, b"bc\n"), (9, 2, b"\n")]),
        batch([(0, 0, b"skipped\n"), (9, 3, b"d\n")]).slice(1),
    ]
    found = [(hour, count, bytes(content)) for hour, count, content in logs._hours_and_bytes(batches)]
    assert found == [(7, 2, b"a\nbc\n"), (9, 1, b"\n"), (9, 1, b"d\n")]


@pytest.mark.parametrize("positions", [(0, 2, 1), (1, 0, 2), (0, 1, 1)])
def test_lines_out_of_order_stop_the_writing(positions: tuple[int, ...]) -> None:
    first, second, third = ((7, position, b"x\n") for position in positions)
    with pytest.raises(RuntimeError, match="come after"):
        list(logs._hours_and_bytes([batch([first, second]), batch([third])]))


def test_writing_lines_needs_no_join(tmp_path: Path) -> None:
    """DuckDB makes a join of a long IN, and a join gives the lines of a large sample in another order."""
    with open_database(tmp_path / "sample.duckdb", 1_000) as connection:
        set_variables(connection, variables(events=1_000, days=1, start=date(2026, 1, 5)), 1)
        for name in ("macros", "rendering_macros", "sessions", "orders", "lines", "rendering"):
            run_sql(connection, name)
        plan = connection.execute("explain (format json) from rendered").fetchall()[0][1]
    assert "SEQ_SCAN" in plan
    assert "JOIN" not in plan


def test_the_hour_decides_on_the_compression() -> None:
    hour_no = 20_458 * 24
    names = [LogFile(hour_no + hour, 1).source_file for hour in (0, 3, 6)]
    assert names == [
        "events/2026-01-05/events-2026-01-05T00.jsonl",
        "events/2026-01-05/events-2026-01-05T03.jsonl.gz",
        "events/2026-01-05/events-2026-01-05T06.jsonl.zst",
    ]


def test_shares_hold_every_file_once_and_about_the_same_number_of_lines() -> None:
    files = [LogFile(hour, 100) for hour in range(10)]
    shares = logs._shares(files, 3)
    assert [file for share in shares for file in share] == files
    assert [len(share) for share in shares] == [4, 3, 3]
