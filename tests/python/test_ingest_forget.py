"""Undo: after forget-file a file never came; a corrected one loads like any other."""

from __future__ import annotations

import gzip
import os
import time

import pytest
from loopback_api import RECORDS, orders, pages, serving
from test_ingest_support import (
    LOGS,
    assert_accounted,
    files,
    manifest,
    payloads,
    put,
    query,
    run,
    run_with_dlt,
)

from clickstream.errors import UserError
from clickstream.settings import Home
from ingest.runner import forget_file, has_news


def test_a_forgotten_file_is_gone_everywhere_and_stays_out(home: Home) -> None:
    put(home, "a.log", b"a1\na2\n")
    path = put(home, "b.log", b"b1\n")
    run(home)
    path.write_bytes(b"b1\nb2\n")
    run(home)
    done = forget_file(home, "inbox/b.log")
    assert (done.source_file, done.tables, done.row_count, done.copies) == (
        "inbox/b.log",
        ["web.logs"],
        2,
        [],
    )
    assert len(done.load_ids) == 2
    assert payloads(home) == [b"a1", b"a2"]
    assert query(home, "select distinct source_file from ingest.arrivals") == [("inbox/a.log",)]
    assert files(home)[1][:3] == ("inbox/b.log", 1, "forgotten")
    assert run(home).status == "nothing_new"
    assert forget_file(home, str(path)).row_count == 0
    assert_accounted(home)


def test_a_corrected_file_is_loaded_after_forgetting(home: Home) -> None:
    path = put(home, "a.log", b"wrong\nsame\n")
    run(home)
    forget_file(home, str(path))
    path.write_bytes(b"right\nsame\n")
    assert run(home).row_count == 2
    assert payloads(home) == [b"right", b"same"]
    assert [row[:3] for row in files(home)] == [("inbox/a.log", 1, "forgotten"), ("inbox/a.log", 2, "loaded")]
    assert_accounted(home)


def test_a_file_put_there_again_is_loaded_again(home: Home) -> None:
    path = put(home, "a.log", b"a\n")
    run(home)
    forget_file(home, "inbox/a.log")
    os.utime(path, (time.time() + 5, time.time() + 5))
    assert run(home).row_count == 1


def test_a_changed_file_loads_as_it_is_now_after_forgetting(home: Home) -> None:
    path = put(home, "a.log", b"one\ntwo\nthree\n")
    run(home)
    path.write_bytes(b"one\nTWO\nthree\nfour\n")
    assert run(home).failures[0].status == "changed"
    forget_file(home, "inbox/a.log")
    assert (run(home).row_count, run(home).failures) == (4, [])
    assert payloads(home) == [b"one", b"TWO", b"three", b"four"]


def test_copies_of_a_forgotten_file_are_no_twins_any_more(home: Home) -> None:
    put(home, "a.log", b"a\n")
    put(home, "b.log.gz", gzip.compress(b"a\n"))
    run(home)
    assert forget_file(home, "inbox/a.log").copies == ["inbox/b.log.gz"]
    assert (run(home).row_count, files(home)[1][2]) == (1, "loaded")
    assert query(home, "select _source_file from raw_web.logs") == [("inbox/b.log.gz",)]


def test_forgetting_a_twin_takes_nothing_from_the_file_that_was_loaded(home: Home) -> None:
    put(home, "a.log", b"a\n")
    put(home, "b.log", b"a\n")
    run(home)
    done = forget_file(home, "inbox/b.log")
    assert (done.row_count, done.copies) == (0, [])
    assert payloads(home) == [b"a"]
    assert run(home).status == "nothing_new"
    forget_file(home, "inbox/a.log")
    assert run(home).status == "nothing_new", "both are forgotten as they lie there"
    assert payloads(home) == []


def test_what_an_api_returned_is_not_taken_back_as_its_cursor_has_gone_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLICKSTREAM_WEB_TOKEN", "secret-token")
    with serving(pages(RECORDS)) as api:
        run_with_dlt(home, orders(api.url))
        with pytest.raises(UserError, match="cannot be taken back"):
            forget_file(home, f"{api.url}/orders")
    assert payloads(home) == RECORDS
    assert_accounted(home)


def test_rejected_records_are_forgotten_too(home: Home) -> None:
    declared = manifest(shop__products={"kind": "csv", "path": "inbox/*.csv"})
    put(home, "a.csv", b"a,b\n1\n2,3\n")
    run(home, declared)
    done = forget_file(home, "inbox/a.csv")
    assert (done.row_count, done.rejected_count) == (1, 1)
    assert query(home, "select count(*) from ingest.rejected_records") == [(0,)]


def test_an_unknown_file_is_an_error_that_suggests_names(home: Home) -> None:
    put(home, "access.log", b"a\n")
    run(home)
    with pytest.raises(UserError, match=r"Perhaps inbox/access\.log"):
        forget_file(home, "inbox/acess.log")


def test_news_are_seen_without_loading(home: Home) -> None:
    assert not has_news(home, LOGS)
    put(home, "a.log", b"a\n")
    assert has_news(home, LOGS)
    assert query(home, "select count(*) from ingest.files") == [(0,)]
    run(home)
    assert not has_news(home, LOGS)
    assert has_news(
        home, manifest(web__api={"kind": "rest_api", "client": {"base_url": "x"}, "resource": {}})
    )
