"""Faults of APIs: what passes is asked again, what does not is named; the next run completes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from loopback_api import RECORDS, Reply, orders, pages, serving
from test_ingest_support import manifest, payloads, put, run_with_dlt

from clickstream.settings import Home
from ingest import api_session
from ingest.runner import ingest


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_session, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setenv("CLICKSTREAM_WEB_TOKEN", "secret-token")


def faulty(fault: Callable[[int], Reply | None]) -> Callable[[int, str, dict[str, str], Any], Reply]:
    good = pages(RECORDS)

    def answer(number: int, path: str, values: dict[str, str], headers: Any) -> Reply:
        return fault(number) or good(number, path, values, headers)

    return answer


CUT = (200, {"Content-Length": "1000"}, b'{"data": [')
LATER = "Wed, 21 Oct 2099 07:28:00 GMT"


@pytest.mark.parametrize(
    "fault",
    [(429, {"Retry-After": "0"}, b""), (500, {}, b""), (503, {"Retry-After": "junk"}, b""), CUT],
    ids=["429", "500", "503", "cut"],
)
def test_what_passes_is_retried_twice(home: Home, fault: Reply) -> None:
    with serving(faulty(lambda number: fault if number in (1, 3, 4) else None)) as api:
        report = run_with_dlt(home, orders(api.url))
        assert (report.failures, report.row_count) == ([], 5)
        assert len(api.seen) == 6


@pytest.mark.parametrize(
    ("fault", "count", "words"),
    [
        ((500, {}, b"broken"), 3, ["500", "after 3 attempts", "broken"]),
        (CUT, 3, ["does not answer after 3 attempts"]),
        ((401, {}, b'{"error": "bad token"}'), 1, ["401", "bad token", "Check the token"]),
        ((403, {}, b""), 1, ["403", "(no text)"]),
        ((404, {}, b"not\n here"), 1, ["404", "not here", "base_url"]),
        ((429, {"Retry-After": "4000"}, b"slow down"), 1, ["429", "slow down"]),
        ((200, {}, b"<html>sorry</html>"), 1, ["not valid JSON", "<html>sorry"]),
        ((429, {}, b"slow down"), 3, ["429 Too Many Requests after 3 attempts", "run again later"]),
        (
            (429, {"Retry-After": LATER}, b""),
            1,
            ["429 Too Many Requests and asks to wait", "run again later"],
        ),
        ((302, {"Location": "/orders"}, b""), 31, ["cannot be asked (TooManyRedirects", "base_url"]),
        ((200, {}, b'{"error": "try later"}'), 1, ["The reply holds no data", "try later"]),
        ((200, {}, b'{"data": [1], "next": null}'), 1, ["A record is int", "resource.endpoint"]),
    ],
    ids=[
        "500",
        "cut",
        "401",
        "403",
        "404",
        "429",
        "html",
        "429 bare",
        "429 date",
        "302",
        "no data",
        "scalars",
    ],
)
def test_what_does_not_pass_is_named_and_loads_nothing(
    home: Home, fault: Reply, count: int, words: list[str]
) -> None:
    put(home, "a.log", b"x\n")
    with serving(faulty(lambda number: fault if number >= 2 else None)) as api:
        declared = orders(api.url)
        other = manifest(files__logs={"kind": "lines", "path": "inbox/*.log"})
        declared["sources"].update(other["sources"])
        report = ingest(home, declared)
        assert [table.status for table in report.tables] == ["loaded", "failed"]
        message = report.tables[1].failures[0].message
        assert all(word in message for word in words), message
        assert "Traceback" not in message
        if "resource.endpoint" not in message:
            assert f"{api.url}/orders?" in message
        assert len(api.seen) == 1 + count
        assert payloads(home) == []
        api.answer = pages(RECORDS)
        assert ingest(home, declared).tables[1].row_count == 5
    assert payloads(home) == RECORDS


def test_a_page_cursor_that_loops_is_found(home: Home) -> None:
    def answer(number: int, path: str, values: dict[str, str], headers: Any) -> Reply:
        return 200, {}, b'{"data": [{"id": 1, "at": "2026-02-01"}], "next": "same"}'

    with serving(answer) as api:
        report = run_with_dlt(home, orders(api.url))
        assert "page cursor loops" in report.failures[0].message
        assert len(api.seen) == 2
    assert payloads(home) == []


def test_a_server_that_is_down_is_named(home: Home) -> None:
    with serving(pages([])) as api:
        url = api.url
    report = run_with_dlt(home, orders(url))
    assert "does not answer after 3 attempts" in report.failures[0].message
    assert "Check the address" in report.failures[0].message


def test_a_slow_drip_ends_at_the_time_limit_and_the_next_run_completes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte after byte comes in time, the whole never does: no limit on silence ends that."""
    monkeypatch.setattr(api_session, "REPLY_SECONDS", 0.15)
    monkeypatch.setattr(api_session, "READ_BYTES", 1)
    with serving(pages(RECORDS)) as api:
        api.drip_seconds = 0.01
        report = run_with_dlt(home, orders(api.url))
        assert "the reply was not complete" in report.failures[0].message
        assert payloads(home) == []
        api.drip_seconds = 0
        monkeypatch.undo()
        monkeypatch.setenv("CLICKSTREAM_WEB_TOKEN", "secret-token")
        assert run_with_dlt(home, orders(api.url)).row_count == 5


def test_pauses_double_or_are_as_long_as_the_server_asks(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(api_session, "FIRST_WAIT_SECONDS", 1.0)
    monkeypatch.setattr("ingest.api_session.time.sleep", waits.append)
    replies = {1: (500, {}, b""), 2: (503, {}, b""), 4: (429, {"Retry-After": "7"}, b"")}
    with serving(faulty(replies.get)) as api:
        assert run_with_dlt(home, orders(api.url)).row_count == 5
    assert [wait for wait in waits if wait >= 1] == [1.0, 2.0, 7.0]
