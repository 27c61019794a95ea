"""API sources: exact records, a cursor that goes on, settings and secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback_api import RECORDS, orders, pages, serving
from test_ingest_support import assert_accounted, payloads, query, run_with_dlt

from clickstream.settings import Home
from ingest import api_session
from ingest.api_jobs import run_api_job
from ingest.api_records import Record, parse_reply


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_session, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setenv("CLICKSTREAM_WEB_TOKEN", "secret-token")


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
    def fails_after_commit(*args: Any) -> object:
        run_api_job(*args)
        raise OSError("the machine stumbled")

    with serving(pages(RECORDS)) as api:
        monkeypatch.setattr("ingest.destination.run_api_job", fails_after_commit)
        assert "the machine stumbled" in run_with_dlt(home, orders(api.url)).failures[0].message
        monkeypatch.setattr("ingest.destination.run_api_job", run_api_job)
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


def test_a_record_without_the_cursor_field_is_loaded_too(home: Home) -> None:
    with serving(lambda *_: (200, {}, b'{"data": [{"id": 1}, {"id": 2, "at": null}], "next": null}')) as api:
        assert run_with_dlt(home, orders(api.url)).row_count == 2
    assert payloads(home) == [b'{"id": 1}', b'{"id": 2, "at": null}']


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
