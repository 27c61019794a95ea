"""API sources: exact records, a cursor that goes on, and faults that lose nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ingest_support import assert_accounted, manifest, payloads, put, query, run_with_dlt

from clickstream.settings import Home
from ingest import api_session
from ingest.api_records import Record, parse_reply
from ingest.runner import ingest

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Api:
    """A server on loopback: `answer` makes the reply to each request (its number, path, query, headers)."""

    answer: Callable[[int, str, dict[str, str], Any], Reply]
    url: str = ""
    seen: list[str] = field(default_factory=list)
    drip_seconds: float = 0.0


@contextmanager
def serving(answer: Callable[[int, str, dict[str, str], Any], Reply]) -> Iterator[Api]:
    api = Api(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            values = {name: value[0] for name, value in parse_qs(parts.query).items()}
            api.seen.append(self.path)
            status, headers, body = api.answer(len(api.seen), parts.path, values, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not api.drip_seconds:
                self.wfile.write(body)
                return
            with suppress(OSError):  # the client has had enough
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(api.drip_seconds)

        def log_message(self, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_session, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setenv("CLICKSTREAM_WEB_TOKEN", "secret-token")


def orders(url: str, **endpoint: Any) -> dict[str, Any]:
    return manifest(
        web__logs={
            "kind": "rest_api",
            "client": {
                "base_url": url,
                "auth": {"type": "bearer"},
                "paginator": {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"},
            },
            "resource": {
                "endpoint": {
                    "path": "orders",
                    "data_selector": "data",
                    "incremental": {
                        "cursor_path": "at",
                        "start_param": "since",
                        "initial_value": "2026-01-01",
                    },
                    **endpoint,
                }
            },
        }
    )


RECORDS = [
    b'{"id":1,  "at":"2026-01-01","n":1.10,"big":12345678901234567890123.4567890}',
    b'{"id": 2,"at":"2026-01-02","u":"\\ud800 \xc3\xa9","a":[1,{"b":null}],"a":2}',
    b'{"at":"2026-01-03","id":3e0}',
    b'{\n "id":4, "at":"2026-01-03"}',
    b'{"id":5,"at":"2026-01-05","deep":[[[[{}]]]]}',
]


def pages(records: list[bytes], size: int = 2) -> Callable[[int, str, dict[str, str], Any], Reply]:
    def answer(number: int, path: str, values: dict[str, str], headers: Any) -> Reply:
        if headers["Authorization"] != "Bearer secret-token":
            return 401, {}, b'{"error": "no token"}'
        since = values.get("since", "")
        chosen = [record for record in records if json.loads(record)["at"] >= since]
        start = int(values.get("cursor", 0))
        following = start + size if start + size < len(chosen) else None
        body = b'{"data": [' + b" ,".join(chosen[start : start + size]) + b"], "
        return 200, {}, body + b'"next": ' + json.dumps(following and str(following)).encode() + b"}"

    return answer


def test_records_keep_every_byte_and_the_cursor_goes_on(home: Home) -> None:
    records = list(RECORDS)
    with serving(pages(records)) as api:
        report = run_with_dlt(home, orders(api.url))
        assert (report.failures, report.row_count, report.status) == ([], 5, "loaded")
        assert payloads(home) == RECORDS
        assert query(home, "select distinct _source_file from raw_web.logs") == [(f"{api.url}/orders",)]
        assert run_with_dlt(home, orders(api.url)).status == "nothing_new"
        records.append(b'{"id":6,"at":"2026-01-05","late":true}')
        assert run_with_dlt(home, orders(api.url)).row_count == 1
        assert payloads(home)[-1] != records[-1]
        assert api.seen[-1].startswith("/orders?since=2026-01-05")
    assert len(payloads(home)) == 6
    arrivals = query(
        home, "select first_line, line_count, record_count from ingest.arrivals order by load_id"
    )
    assert arrivals == [(1, 5, 5), (1, 1, 1)]
    assert_accounted(home)


def test_a_job_that_did_its_work_does_nothing_when_it_is_run_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest import destination

    real = destination.run_api_job

    def fails_after_commit(*args: Any) -> object:
        real(*args)
        raise OSError("the machine stumbled")

    with serving(pages(RECORDS)) as api:
        monkeypatch.setattr(destination, "run_api_job", fails_after_commit)
        assert "the machine stumbled" in run_with_dlt(home, orders(api.url)).failures[0].message
        monkeypatch.setattr(destination, "run_api_job", real)
        assert run_with_dlt(home, orders(api.url)).failures == []
    assert payloads(home) == RECORDS
    assert_accounted(home)


def test_the_cursor_lives_in_the_warehouse_not_in_the_working_folder(home: Home) -> None:
    import shutil

    with serving(pages(RECORDS)) as api:
        run_with_dlt(home, orders(api.url))
        shutil.rmtree(home.state)
        assert run_with_dlt(home, orders(api.url)).status == "nothing_new"
        home.warehouse.unlink()
        assert run_with_dlt(home, orders(api.url)).row_count == 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.text(), JSON), max_size=5), st.integers(0, 3), st.booleans())
def test_the_text_of_every_record_is_exact(
    records: list[dict[str, Any]], indent: int, ascii_only: bool
) -> None:
    texts = [json.dumps(record, indent=indent or None, ensure_ascii=ascii_only) for record in records]
    document = '{"meta": {"n": 1, "x": [1, "a"]}, "data": [' + " ,\n".join(texts) + ' ] , "next": null}'
    found = parse_reply(document.encode(errors="surrogatepass") if ascii_only else document.encode(), "u")
    assert found["data"] == records
    assert [record.text for record in found["data"] if isinstance(record, Record)] == texts
    assert found == json.loads(document)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a":1,}', b"[1,]", b"[1] x", b'{"a" 1}', b"[NaN]", b"\xff", b"<html>", b"{1:2}"]
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_reply(body, "u")


def test_long_numbers_pass() -> None:
    assert parse_reply(b"[" + b"1" * 5000 + b"]", "u") == ["1" * 5000]


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


def test_a_record_without_the_cursor_field_is_loaded_too(home: Home) -> None:
    with serving(lambda *_: (200, {}, b'{"data": [{"id": 1}, {"id": 2, "at": null}], "next": null}')) as api:
        assert run_with_dlt(home, orders(api.url)).row_count == 2
    assert payloads(home) == [b'{"id": 1}', b'{"id": 2, "at": null}']


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


def test_a_missing_secret_is_named_before_anything_is_asked(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLICKSTREAM_WEB_TOKEN")
    with serving(pages(RECORDS)) as api:
        report = run_with_dlt(home, orders(api.url))
        assert api.seen == []
    assert "CLICKSTREAM_WEB_TOKEN" in report.failures[0].message
    assert "secrets.toml" in report.failures[0].message


def test_wrong_settings_are_named(home: Home) -> None:
    report = run_with_dlt(home, orders("http://127.0.0.1:9", paginate="no"))
    assert "rest_api settings are wrong" in report.failures[0].message
    assert "_web__sources.yml" in report.failures[0].message


def test_an_api_without_address_is_not_asked(home: Home) -> None:
    report = run_with_dlt(home, orders(""))
    assert (report.status, report.message) == ("nothing_new", "client.base_url is empty: no API was asked.")
    assert payloads(home) == []


def test_secrets_do_not_reach_messages_or_the_warehouse() -> None:
    assert api_session.shown("http://u:p@h/x?token=abc&a=1") == "http://h/x?token=***&a=1"
    assert api_session.bare("http://u:p@h:1/x?token=abc#f") == "http://h:1/x"
