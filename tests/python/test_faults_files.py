"""What can happen to files while they are read: each fails alone and by name, the others go on."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rights import modes_count
from test_ingest_support import (
    LOGS,
    assert_accounted,
    manifest,
    payloads,
    put,
    query,
    run,
    run_with_dlt,
)

from clickstream.settings import Home
from ingest.segments import FileJob, write_job


def _become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _become_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


MEANWHILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut.log": (lambda path: os.truncate(path, 3), "became shorter while it was read"),
    "folder.log": (_become_folder, "This is a folder"),
    "gone.log": (lambda path: path.unlink(), "The file is gone"),
    "packed.log.gz": (
        lambda path: os.truncate(path, path.stat().st_size - 12),
        "The gzip file is damaged or not complete yet",
    ),
    "pipe.log": (_become_pipe, "a pipe or device"),
    "secret.log": (lambda path: path.chmod(0), "The file may not be read: give the user"),
}
"""File -> what happens to it between planning and reading, and what is said of it."""


def test_whatever_happens_to_files_between_planning_and_reading_each_fails_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {name: f"line of {name}\nsecond\n".encode() for name in MEANWHILE}
    paths = {
        name: put(home, name, gzip.compress(data) if name.endswith("gz") else data)
        for name, data in content.items()
    }
    put(home, "good.log", b"good\n")

    def meanwhile(job: FileJob, path: Path) -> None:
        write_job(job, path)
        for name, (happens, _) in MEANWHILE.items():
            happens(paths[name])

    monkeypatch.setattr("ingest.packages.write_job", meanwhile)
    with modes_count():
        report = run_with_dlt(home)
    assert payloads(home) == [b"good"]
    assert report.status == "failed"
    told = {failure.source_file.removeprefix("inbox/"): failure.message for failure in report.failures}
    assert told.keys() == MEANWHILE.keys()
    for name, (_, words) in MEANWHILE.items():
        assert words in told[name]
    assert_accounted(home)

    monkeypatch.setattr("ingest.packages.write_job", write_job)
    paths["folder.log"].rmdir()
    paths["pipe.log"].unlink()
    for name, data in content.items():
        put(home, name, gzip.compress(data) if name.endswith("gz") else data)
    report = run_with_dlt(home)
    assert (report.failures, report.row_count) == ([], 2 * len(MEANWHILE))
    assert run_with_dlt(home).status == "nothing_new"
    assert_accounted(home)


def test_a_file_that_cannot_be_opened_while_planning_fails_alone(home: Home) -> None:
    put(home, "a.log", b"a\n").chmod(0)
    put(home, "b.log", b"b\n")
    with modes_count():
        report = run(home)
    assert (report.row_count, len(report.failures)) == (1, 1)
    assert "may not be read" in report.failures[0].message
    assert run(home).row_count == 1


def test_a_folder_that_may_not_be_read_is_named_and_other_tables_go_on(home: Home) -> None:
    from ingest.runner import ingest

    folder = put(home, "closed/a.log", b"a\n").parent
    put(home, "open.txt", b"b\n")
    declared = manifest(
        a__logs={"kind": "lines", "path": "inbox/**/*.log"}, b__texts={"kind": "lines", "path": "inbox/*.txt"}
    )
    folder.chmod(0)
    with modes_count():
        report = ingest(home, declared)
    assert [table.status for table in report.tables] == ["failed", "loaded"]
    assert f"Folder: {folder}" in report.tables[0].failures[0].message
    folder.chmod(0o755)
    assert ingest(home, declared).tables[0].row_count == 1


def test_a_pipe_among_the_files_is_not_waited_for(home: Home) -> None:
    os.mkfifo(put(home, "a.log", b"a\n").with_name("pipe.log"))
    done = threading.Event()

    def ingests() -> None:
        run(home)
        done.set()

    threading.Thread(target=ingests, daemon=True).start()
    assert done.wait(60)
    assert payloads(home) == [b"a"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_log_that_grows_during_a_run_loses_and_doubles_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    """Lines come in between planning and reading, the last one torn."""
    coat = gzip.compress if packed else bytes
    path = put(home, "a.log", coat(b"one\ntwo\n"))

    def meanwhile(job: FileJob, job_path: Path) -> None:
        write_job(job, job_path)
        with path.open("ab") as log:
            log.write(coat(b"three\nfour"))

    monkeypatch.setattr("ingest.packages.write_job", meanwhile)
    report = run_with_dlt(home)
    assert [failure.source_file for failure in report.failures] == (["inbox/a.log"] if packed else [])
    assert payloads(home) == ([] if packed else [b"one", b"two"])
    monkeypatch.setattr("ingest.packages.write_job", write_job)
    assert run_with_dlt(home, LOGS).failures == []
    assert payloads(home) == [b"one", b"two", b"three", *([b"four"] if packed else [])]
    with path.open("ab") as log:
        log.write(coat(b"\n" if packed else b"\nfive\n"))
    assert run_with_dlt(home).failures == []
    assert payloads(home) == [b"one", b"two", b"three", b"four", *([] if packed else [b"five"])]
    assert_accounted(home)


def test_a_damaged_byte_in_the_middle_of_a_gzip_file_loads_nothing_of_it(home: Home) -> None:
    whole = bytearray(gzip.compress(b"".join(b"%d\n" % number for number in range(50_000))))
    whole[len(whole) // 2] ^= 0x10
    put(home, "a.log.gz", bytes(whole))
    put(home, "b.log", b"b\n")
    report = run(home)
    assert payloads(home) == [b"b"]
    assert "damaged" in report.failures[0].message
    assert query(home, "select status from ingest.files order by source_file") == [("failed",), ("loaded",)]


def test_times_in_the_future_and_clocks_set_back_do_not_hide_files(home: Home) -> None:
    path = put(home, "a.log", b"one\n")
    os.utime(path, (4_000_000_000, 4_000_000_000))
    assert run(home).row_count == 1
    with path.open("ab") as log:
        log.write(b"two\n")
    os.utime(path, (1, 1))
    assert run(home).row_count == 1
    os.utime(put(home, "b.log", b"three\n"), (4_000_000_000, 4_000_000_000))
    assert run(home).row_count == 1
    assert payloads(home) == [b"one", b"two", b"three"]
