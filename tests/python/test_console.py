"""Progress without a terminal: lines now and then, so that a long load is seen to go on."""

from __future__ import annotations

import pytest

from clickstream import console


def test_a_long_load_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("clickstream.console.time.monotonic", lambda: clock[0])
    lines = console.LoadLines()
    lines.start_table("shop.events", file_count=2, byte_count=4_000_000)
    lines.advance("shop.events", rows=1_000, byte_count=500_000)
    assert capsys.readouterr().err == "ingest: shop.events, 2 files, 4.0 MB\n"
    clock[0] += console.QUIET_SECONDS
    lines.advance("shop.events", rows=2_000, byte_count=1_000_000)
    lines.advance("shop.events", rows=1, byte_count=1)
    assert capsys.readouterr().err == "ingest: shop.events, 3,000 rows, 1.5 of 4.0 MB\n"
