"""A run as a whole: killed anywhere it loads exactly once, and what fails does not stop the rest."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from test_ingest_support import LOGS, assert_accounted, files, manifest, payloads, put, query, run_with_dlt

from clickstream.errors import UserError
from clickstream.settings import PROJECT, Home
from ingest import jobs
from ingest.runner import ingest
from ingest.segments import FileJob, write_job

BLOCK = {"kind": "lines", "path": "inbox/*.log*"}

KILL = """
import json, os, signal, sys
from pathlib import Path
from clickstream.settings import Home
from ingest import destination, runner
point, root, declared = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def after(function):
    def wrapped(*args, **options):
        function(*args, **options)
        die()
    return wrapped
if point == "extracted":
    destination.run_file_job = die
elif point == "committed":
    destination.run_file_job = after(destination.run_file_job)
elif point == "normalized":
    from dlt.common.storages.load_storage import LoadStorage
    LoadStorage.commit_new_load_package = after(LoadStorage.commit_new_load_package)
elif point == "completed":
    complete = destination.WarehouseClient.complete_load
    destination.WarehouseClient.complete_load = after(complete)
runner.ingest(Home(root), declared)
"""


def killed(home: Home, point: str) -> None:
    """Run ingest in another process that kills itself at a point."""
    done = subprocess.run(
        [sys.executable, "-c", KILL, point, str(home.root), json.dumps(LOGS)],
        cwd=PROJECT,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("point", ["normalized", "extracted", "committed", "completed"])
def test_killed_anywhere_the_next_run_loads_exactly_once(home: Home, point: str) -> None:
    put(home, "a.log", b"a1\na2\n")
    put(home, "b.log.gz", gzip.compress(b"a1\na2\n"))
    killed(home, point)
    put(home, "c.log", b"c\n")
    report = run_with_dlt(home)
    assert (report.failures, report.status) == ([], "loaded")
    assert payloads(home) == [b"a1", b"a2", b"c"]
    assert [row[2] for row in files(home)] == ["loaded", "twin", "loaded"]
    assert_accounted(home)
    assert run_with_dlt(home).status == "nothing_new"


def test_a_job_that_did_its_work_does_nothing_when_it_is_run_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, "a.log", b"a\n")
    from ingest import destination

    real = jobs.run_file_job

    def fails_after_commit(*args: object, **options: object) -> object:
        real(*args, **options)  # type: ignore[arg-type]
        raise OSError("the machine stumbled")

    monkeypatch.setattr(destination, "run_file_job", fails_after_commit)
    report = run_with_dlt(home)
    assert "the machine stumbled" in report.failures[0].message
    assert query(home, "select count(*) from raw_web._dlt_loads") == [(0,)]
    monkeypatch.setattr(destination, "run_file_job", real)
    assert run_with_dlt(home).failures == []
    assert payloads(home) == [b"a"]
    assert_accounted(home)


def test_a_plan_of_another_time_is_not_forced_on_the_ledger(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, "a.log", b"a\n")
    kept: list[FileJob] = []
    from ingest import destination

    real = jobs.run_file_job

    def keeps(conn: duckdb.DuckDBPyConnection, job: FileJob, *args: object, **options: object) -> object:
        kept.append(job)
        return real(conn, job, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(destination, "run_file_job", keeps)
    run_with_dlt(home)

    def repeats(conn: duckdb.DuckDBPyConnection, _: FileJob, *args: object, **options: object) -> object:
        return real(conn, kept[0], *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(destination, "run_file_job", repeats)
    put(home, "b.log", b"b\n")
    run_with_dlt(home)
    assert payloads(home) == [b"a"]


def test_one_source_failing_does_not_stop_the_others(home: Home) -> None:
    put(home, "a.log", b"a\n")
    put(home, "bad.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000)[:-20])
    declared = manifest(
        a__bad={"kind": "csv", "path": "inbox/*.csv.gz"},
        b__good=BLOCK,
        c__none={"kind": "parquet", "path": "nowhere/*.parquet"},
    )
    report = ingest(home, declared)
    assert [table.status for table in report.tables] == ["failed", "loaded", "nothing_new"]
    assert not report.ok
    assert query(home, "select count(*) from raw_a.bad") == [(0,)]
    runs = query(home, "select source_name, status, row_count, message from ingest.load_runs order by 1")
    assert [row[:3] for row in runs] == [("a", "failed", 0), ("b", "loaded", 1), ("c", "nothing_new", 0)]
    assert "inbox/bad.csv.gz" in runs[0][3]


@pytest.mark.parametrize(("codec", "width"), [("gzip", 100), ("zstd", 1), ("zstd", 100)])
def test_a_damaged_tail_loads_nothing_of_that_file_and_all_of_the_others(
    home: Home, codec: str, width: int
) -> None:
    lines = b"".join(b"%d" % number * width + b"\n" for number in range(30_000))
    whole = pa.compress(lines, codec=codec, asbytes=True)
    path = put(home, "b.log.packed", whole[:-7])
    put(home, "a.log", b"a\n")
    put(home, "c.log", b"c\n")
    report = run_with_dlt(home)
    assert payloads(home) == [b"a", b"c"]
    assert [(f.source_file, f.status) for f in report.failures] == [("inbox/b.log.packed", "failed")]
    assert "damaged or not complete" in report.failures[0].message
    assert run_with_dlt(home).failures == report.failures
    path.write_bytes(whole)
    report = run_with_dlt(home)
    assert (report.row_count, report.failures) == (30_000, [])
    assert_accounted(home)


def test_a_file_that_vanishes_or_shrinks_after_planning_fails_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, "a.log", b"a\n")
    gone = put(home, "b.log", b"b\n")
    short = put(home, "c.log", b"c\nc\n")

    def meanwhile(job: FileJob, path: Path) -> None:
        write_job(job, path)
        gone.unlink()
        short.write_bytes(b"c\n")

    monkeypatch.setattr("ingest.packages.write_job", meanwhile)
    report = run_with_dlt(home)
    assert report.row_count == 1
    assert [failure.source_file for failure in report.failures] == ["inbox/b.log", "inbox/c.log"]
    assert "gone" in report.failures[0].message
    assert "became shorter" in report.failures[1].message
    monkeypatch.setattr("ingest.packages.write_job", write_job)
    assert (run_with_dlt(home).row_count, run_with_dlt(home).failures) == (1, [])
    assert payloads(home) == [b"a", b"c"]


def test_a_warehouse_that_is_open_elsewhere_is_named(home: Home) -> None:
    run_with_dlt(home)
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    command = [sys.executable, "-c", hold, str(home.warehouse)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with pytest.raises(UserError, match="open in another process"):
            run_with_dlt(home)
    finally:
        holder.communicate(b"\n")


def test_a_full_disk_is_named_and_the_next_run_finishes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, "a.log", b"a\n")
    from ingest import destination

    def full(*args: object, **options: object) -> None:
        raise duckdb.IOException('Could not write file "warehouse.duckdb": No space left on device')

    real = jobs.run_file_job
    monkeypatch.setattr(destination, "run_file_job", full)
    report = run_with_dlt(home)
    assert "No space left" in report.failures[0].message
    assert "Free disk space" in report.failures[0].message
    monkeypatch.setattr(destination, "run_file_job", real)
    assert run_with_dlt(home).row_count == 1
    assert_accounted(home)


def test_rows_that_the_warehouse_refuses_do_not_block_the_source_for_ever(home: Home) -> None:
    put(home, "a.log", b"a\n")
    query(home, "create schema raw_web; create table raw_web.logs (payload integer, _payload_bytes blob)")
    for _ in range(2):
        assert "The warehouse refused the rows" in run_with_dlt(home).failures[0].message
    query(home, "drop table raw_web.logs")
    assert (run_with_dlt(home).row_count, run_with_dlt(home).failures) == (1, [])
    assert_accounted(home)


def test_a_table_does_not_change_its_shape(home: Home) -> None:
    run_with_dlt(home)
    with pytest.raises(UserError, match="holds documents, which kind csv does not make"):
        run_with_dlt(home, manifest(web__logs={"kind": "csv", "path": "inbox/*.csv"}))


def test_the_warehouse_is_free_after_a_run_also_after_one_that_failed(home: Home) -> None:
    put(home, "a.log", b"a\n")
    put(home, "b.log.gz", gzip.compress(b"b\n")[:-4])
    run_with_dlt(home)
    count = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(c.sql('from raw_web.logs').fetchall())"
    )
    done = subprocess.run([sys.executable, "-c", count, str(home.warehouse)], capture_output=True, check=True)
    assert b"'a'" in done.stdout


def test_many_small_files_of_one_run_share_a_transaction(home: Home) -> None:
    for number in range(300):
        put(home, f"{number:04}.log", b"%d\n\xff\n" % number)
    report = run_with_dlt(home)
    assert (report.file_count, report.row_count) == (300, 600)
    assert query(home, "select count(*) from ingest.load_jobs") == [(1,)]
    assert payloads(home)[:4] == [b"0", b"\xff", b"1", b"\xff"]
    assert_accounted(home)


def test_tables_of_one_source_share_a_load_and_tables_may_share_files(home: Home) -> None:
    put(home, "a.log", b"a\n")
    report = ingest(home, manifest(web__one=BLOCK, web__two=BLOCK))
    assert [table.row_count for table in report.tables] == [1, 1]
    assert report.tables[0].load_ids == report.tables[1].load_ids
