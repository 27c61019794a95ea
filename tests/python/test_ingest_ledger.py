"""Files over time: the same content counts once, growth is taken up, changes are told."""

from __future__ import annotations

import gzip
import os
import time

import pytest
from test_ingest_support import EVENTS, LOGS, assert_accounted, files, manifest, payloads, put, query, run

from clickstream.settings import Home

OLD = int(time.time()) - 86_400
LINES = b"".join(b"line %d of some length, so that it is like a log line\n" % n for n in range(300))
FIRST = LINES[: LINES.index(b"\n") + 1]


def test_the_same_file_again_or_touched_is_not_loaded_again(home: Home) -> None:
    path = put(home, "a.log", LINES)
    assert run(home).row_count == 300
    assert run(home).status == "nothing_new"
    os.utime(path, (OLD, OLD))
    report = run(home)
    assert (report.status, report.row_count) == ("nothing_new", 0)
    assert query(home, "select epoch(modified_at)::int from ingest.files") == [(OLD,)]
    assert files(home) == [("inbox/a.log", 1, "loaded", None, 300)]


def test_a_file_whose_state_is_known_is_not_opened(home: Home) -> None:
    path = put(home, "a.log", LINES)
    run(home)
    stat = path.stat()
    path.write_bytes(LINES[::-1])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert run(home).failures == []


def test_copies_renames_and_compressed_copies_are_twins(home: Home) -> None:
    path = put(home, "b.log", LINES)
    run(home)
    put(home, "copy/a.log", LINES)
    put(home, "c.log.gz", gzip.compress(LINES))
    path.rename(path.with_name("renamed.log"))
    report = run(home)
    assert (report.status, report.twin_count) == ("nothing_new", 3)
    assert files(home) == [
        ("inbox/b.log", 1, "loaded", None, 300),
        ("inbox/c.log.gz", 1, "twin", "inbox/b.log", None),
        ("inbox/copy/a.log", 1, "twin", "inbox/b.log", None),
        ("inbox/renamed.log", 1, "twin", "inbox/b.log", None),
    ]
    assert run(home).twin_count == 0


def test_twins_within_one_run_load_the_first_by_name(home: Home) -> None:
    for name in ("c.log", "a.log", "b.log.gz"):
        put(home, name, gzip.compress(LINES) if name.endswith("gz") else LINES)
    put(home, "d.log", LINES + b"one more\n")
    report = run(home)
    assert (report.row_count, report.twin_count) == (601, 2)
    assert files(home)[1:3] == [
        ("inbox/b.log.gz", 1, "twin", "inbox/a.log", None),
        ("inbox/c.log", 1, "twin", "inbox/a.log", None),
    ]
    assert_accounted(home)


def test_growth_loads_the_new_lines_only_and_numbers_go_on(home: Home) -> None:
    path = put(home, "a.log", LINES)
    run(home)
    for more in (b"new 1\r\nnew 2\n", b"\nnew 4\n"):
        with path.open("ab") as file:
            file.write(more)
        assert run(home).row_count == 2
    assert payloads(home) == [*LINES.splitlines(), b"new 1", b"new 2", b"", b"new 4"]
    assert query(home, "select max(_source_line) from raw_web.logs") == [(304,)]
    arrivals = query(home, "select first_line, line_count from ingest.arrivals order by 1")
    assert arrivals == [(1, 300), (301, 2), (303, 2)]
    assert files(home) == [("inbox/a.log", 1, "loaded", None, 304)]
    assert_accounted(home)


def test_a_grown_compressed_file_continues_too(home: Home) -> None:
    path = put(home, "a.log.gz", gzip.compress(LINES))
    run(home)
    path.write_bytes(gzip.compress(LINES) + gzip.compress(b"more\n"))
    assert run(home).row_count == 1
    assert query(home, "select line_count from ingest.files") == [(301,)]


def test_a_grown_copy_of_a_grown_file_is_a_twin(home: Home) -> None:
    path = put(home, "a.log", b"short\n")
    run(home)
    path.write_bytes(b"short\n" + LINES)
    run(home)
    put(home, "b.log.gz", gzip.compress(b"short\n" + LINES))
    assert run(home).twin_count == 1


def test_a_torn_last_line_of_a_grown_file_waits_for_its_newline(home: Home) -> None:
    path = put(home, "a.log", b"one\n")
    run(home)
    path.write_bytes(b"one\ntwo\nthr")
    report = run(home)
    assert (report.row_count, report.waiting) == (1, ["inbox/a.log"])
    path.write_bytes(b"one\ntwo\nthree")
    report = run(home)
    assert (report.status, report.waiting) == ("nothing_new", ["inbox/a.log"])
    path.write_bytes(b"one\ntwo\nthree\nfour\n")
    assert run(home).row_count == 2
    assert payloads(home) == [b"one", b"two", b"three", b"four"]
    assert query(home, "select waiting_bytes, message from ingest.files") == [(0, None)]
    assert_accounted(home)


def test_a_torn_json_line_waits_but_a_complete_one_does_not(home: Home) -> None:
    path = put(home, "a.log", b'{"n": 1}\n{"n": ')
    assert (run(home, EVENTS).row_count, run(home, EVENTS).status) == (1, "nothing_new")
    path.write_bytes(b'{"n": 1}\n{"n": 2}')
    assert run(home, EVENTS).row_count == 1
    path.write_bytes(b'{"n": 1}\n{"n": 2}\n{"n": 3}\n')
    assert run(home, EVENTS).row_count == 1
    assert payloads(home) == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']
    assert query(home, "select first_line, line_count from ingest.arrivals order by 1") == [
        (1, 1),
        (2, 1),
        (3, 1),
    ]
    path.write_bytes(b'{"n": 1}\n{"n": 2}\n{"n": 3}\n' + b'{"n": 4}\r\n{"n": 5}')
    run(home, EVENTS)
    path.write_bytes(b'{"n": 1}\n{"n": 2}\n{"n": 3}\n' + b'{"n": 4}\r\n{"n": 5}\r\n')
    assert run(home, EVENTS).row_count == 0
    assert payloads(home)[3:] == [b'{"n": 4}', b'{"n": 5}']


def test_an_unfinished_line_of_a_file_that_rests_is_loaded_as_it_is(home: Home) -> None:
    path = put(home, "a.log", b'{"n": 1}\n{"n": ')
    run(home, EVENTS)
    os.utime(path, (OLD, OLD))
    assert run(home, EVENTS).row_count == 1
    assert payloads(home) == [b'{"n": 1}', b'{"n": ']


def test_waiting_ends_by_itself_after_live_seconds(home: Home) -> None:
    declared = manifest(web__logs={"kind": "lines", "path": "inbox/*.log", "live_seconds": 0.5})
    put(home, "a.log", b"one\ntw")
    assert run(home, declared).row_count == 1
    time.sleep(0.5)
    assert run(home, declared).row_count == 1
    assert payloads(home) == [b"one", b"tw"]


def test_a_line_taken_as_complete_that_goes_on_is_an_error(home: Home) -> None:
    path = put(home, "a.log", b"one\ntw")
    assert run(home).row_count == 2
    path.write_bytes(b"one\ntwo\nthree\n")
    report = run(home)
    assert report.row_count == 0
    assert report.failures[0].status == "changed"
    assert "Line 2" in report.failures[0].message
    assert "live_seconds" in report.failures[0].message


def test_a_changed_prefix_is_an_error_and_loads_nothing(home: Home) -> None:
    path = put(home, "a.log", LINES)
    run(home)
    path.write_bytes(LINES.replace(b"line 7 of", b"line X of") + b"more\n")
    for _ in range(2):
        report = run(home)
        assert [(f.source_file, f.status) for f in report.failures] == [("inbox/a.log", "changed")]
        assert "forget-file" in report.failures[0].message
        assert (report.status, report.row_count) == ("failed", 0)
    assert files(home) == [("inbox/a.log", 1, "changed", None, 300)]
    path.write_bytes(LINES + b"more\n")
    assert (run(home).row_count, run(home).failures) == (1, [])
    assert files(home) == [("inbox/a.log", 1, "loaded", None, 301)]


@pytest.mark.parametrize("now", [LINES[:1000], LINES[-1000:], b"x" + LINES[1:]], ids=["cut", "tail", "first"])
def test_a_file_with_other_lines_removed_or_edited_is_changed_not_new(home: Home, now: bytes) -> None:
    path = put(home, "a.log", LINES)
    run(home)
    path.write_bytes(now)
    assert run(home).failures[0].status == "changed"


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_log_truncated_and_restarted_is_a_new_version(home: Home, size: int) -> None:
    path = put(home, "a.log", LINES)
    run(home)
    path.write_bytes(b"")
    assert run(home).failures == []
    path.write_bytes(b"".join(b"another day, line %d\n" % n for n in range(size)))
    assert (run(home).row_count, run(home).failures) == (size, [])
    path.write_bytes(b"third\n")
    assert run(home).row_count == 1
    assert [row[:3] for row in files(home)] == [("inbox/a.log", version, "loaded") for version in range(1, 4)]
    assert query(home, "select first_line, file_version from ingest.arrivals order by load_id") == [
        (1, 1),
        (1, 2),
        (1, 3),
    ]
    assert_accounted(home)


def test_a_chain_of_renames_is_understood_in_one_run(home: Home) -> None:
    put(home, "a.log", b"new\n")
    put(home, "a.log.1", b"old\n")
    run(home)
    put(home, "a.log.2.gz", gzip.compress(b"old\n"))
    put(home, "a.log.1", b"new\n")
    put(home, "a.log", b"newest\n")
    report = run(home)
    assert (report.row_count, report.twin_count, report.failures) == (1, 2, [])
    assert sorted(payloads(home)) == [b"new", b"newest", b"old"]


def test_old_modification_times_are_found(home: Home) -> None:
    put(home, "z.log", b"z\n")
    run(home)
    os.utime(put(home, "a.log", b"a\n"), (1, 1))
    assert run(home).row_count == 1


def test_files_of_a_run_are_taken_in_order_of_their_names(home: Home) -> None:
    for name in ("c.log", "a.log", "b/z.log"):
        put(home, name, name.encode() + b"\n")
    run(home, LOGS)
    rows = query(home, "select _source_file from raw_web.logs order by rowid")
    assert [name for (name,) in rows] == ["inbox/a.log", "inbox/b/z.log", "inbox/c.log"]


def test_a_rotated_log_that_grew_goes_on_under_its_name_and_the_new_one_is_a_new_version(home: Home) -> None:
    path = put(home, "access.log", LINES)
    run(home)
    path.rename(path.with_name("access.log.1"))
    put(home, "access.log.1", LINES + b"last of the old\n" + FIRST)
    put(home, "access.log", b"first of the new\n")
    report = run(home)
    assert (report.failures, report.row_count, report.twin_count) == ([], 3, 1)
    assert files(home) == [
        ("inbox/access.log", 1, "loaded", None, 302),
        ("inbox/access.log", 2, "loaded", None, 1),
        ("inbox/access.log.1", 1, "twin", "inbox/access.log", None),
    ]
    rows = query(
        home, "select _source_file, _source_line, payload from raw_web.logs where _source_line > 300"
    )
    assert sorted(rows) == [
        ("inbox/access.log", 301, "last of the old"),
        ("inbox/access.log", 302, FIRST.decode().strip()),
    ]
    assert_accounted(home)
    put(home, "access.log.2.gz", gzip.compress(LINES + b"last of the old\n" + FIRST))
    put(home, "access.log.1", b"first of the new\nsecond of the new\n")
    put(home, "access.log", b"")
    report = run(home)
    assert (report.failures, report.row_count, report.twin_count) == ([], 2, 1)
    assert run(home).status == "nothing_new"
    assert_accounted(home)


def test_the_torn_end_of_a_moved_log_waits_and_comes(home: Home) -> None:
    path = put(home, "z.log", LINES)
    run(home)
    path.unlink()
    moved = put(home, "a.log.1", LINES + b"one\ntor")
    assert run(home).row_count == 1
    assert (run(home).row_count, run(home).failures) == (0, [])
    moved.write_bytes(LINES + b"one\ntorn")
    assert run(home).row_count == 0
    os.utime(moved, (OLD, OLD))
    assert run(home).row_count == 1
    assert payloads(home)[-2:] == [b"one", b"torn"]
    assert files(home) == [
        ("inbox/a.log.1", 1, "twin", "inbox/z.log", None),
        ("inbox/z.log", 1, "loaded", None, 302),
    ]
    assert run(home).status == "nothing_new"
    assert_accounted(home)


def test_a_grown_copy_beside_its_original_is_loaded_whole(home: Home) -> None:
    put(home, "a.log", LINES)
    run(home)
    put(home, "b.log", LINES + b"more\n")
    assert run(home).row_count == 301


def test_a_copy_of_a_file_that_grew_in_the_same_run_is_a_twin(home: Home) -> None:
    path = put(home, "b.log", LINES)
    run(home)
    path.write_bytes(LINES + b"more\n")
    put(home, "a.log.gz", gzip.compress(LINES + b"more\n"))
    report = run(home)
    assert (report.row_count, report.twin_count) == (1, 1)
