"""Faults of the machine, in each stage: what was safe stays, what failed is named, the next run completes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import duckdb
import pytest
from small_disk import SmallDisk, small_disk
from toy_project import create_project

from clickstream import pipeline
from clickstream.cli import main

BIG = """
{{ config(schema='operations', meta={'publish': false}) }}
select md5(cast(i as varchar)) || md5(cast(-i as varchar)) as noise
from range(20 * (select count(*) from {{ source('web', 'views') }})) as numbers (i)
"""
HUNGRY = """
{{ config(schema='operations', meta={'publish': false}) }}
select length(string_agg(md5(cast(i as varchar)), '')) as size
from range(400 * (select count(*) from {{ source('web', 'views') }})) as numbers (i)
"""
FEW, MANY = 12, 8_000

Said = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = create_project(tmp_path_factory.mktemp("toy") / "project")
    (folder / "models" / "big.sql").write_text(BIG)
    (folder / "models" / "hungry.sql").write_text(HUNGRY)
    return folder


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Off the small disk: what fills up is what the pipeline writes."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    monkeypatch.setenv("TOY_VIEWS", str(folder / "*.jsonl"))
    return folder


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def said(
    disk: SmallDisk, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    """Run a command with its home on the small disk; its exit code and all that it said."""
    home = disk.folder / "home"
    home.mkdir()
    monkeypatch.setenv("CLICKSTREAM_HOME", str(home))
    for name in ("run", "run_build", "load_project"):
        monkeypatch.setattr(pipeline, name, partial(getattr(pipeline, name), folder=project))

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["clickstream", *(arguments or ("run",))])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return int(ended.value.code or 0), told.out + told.err

    return run


def views(folder: Path, name: str, count: int, noise: int = 8) -> None:
    """Page views with some text that cannot be compressed, 20 products a day, two days."""
    chance = random.Random(name)
    lines = [
        json.dumps({"date": f"2026-01-0{1 + i % 2}", "product": i % 20, "x": chance.randbytes(noise).hex()})
        for i in range(count)
    ]
    (folder / name).write_text("\n".join(lines) + "\n")


def published_views(home: Path) -> int:
    with duckdb.connect(str(home / "published" / "clickstream.duckdb"), read_only=True) as connection:
        rows = connection.execute("select sum(view_count) from marts.daily_product_page_views").fetchall()
    return int(rows[0][0])


def loaded_views(home: Path) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return int(connection.execute("select count(*) from raw_web.views").fetchall()[0][0])


def assert_full(told: str) -> None:
    assert "No space left on device" in told or "File too large" in told
    assert "to do: Free disk space, then run again" in told


def test_a_full_disk_in_each_stage_is_named_and_the_next_run_completes(
    disk: SmallDisk, said: Said, inbox: Path
) -> None:
    home = disk.folder / "home"
    views(inbox, "a.jsonl", FEW)
    assert said()[0] == 0

    views(inbox, "b.jsonl", MANY, noise=400)
    disk.leave(2 << 20)  # ingest: the rows do not fit
    code, told = said()
    assert code == 1
    assert "web.views: " in told
    assert_full(told)
    assert "dbt stopped" not in told, "the build of what was there went well, or was not needed"
    disk.free()
    assert (loaded_views(home), published_views(home)) == (FEW, FEW)

    assert said("ingest")[0] == 0
    disk.leave(1 << 20)  # build: the rows are in, a model does not fit
    code, told = said("build")
    assert code == 1
    assert_full(told)
    disk.free()
    assert (loaded_views(home), published_views(home)) == (FEW + MANY, FEW)

    assert said("build")[0] == 0
    disk.leave(64 << 10)  # publish: the copy does not fit
    code, told = said("publish")
    assert (code, "the previous publication stays" in told) == (2, True)
    assert_full(told)
    disk.free()
    assert published_views(home) == FEW
    assert not list((home / "publications").glob(".*")), "what was half-written is gone"

    assert said()[0] == 0
    assert published_views(home) == FEW + MANY
    code, told = said()
    assert (code, "Nothing new" in told) == (0, True)


def test_too_little_memory_in_each_stage_is_named_and_the_next_run_completes(
    disk: SmallDisk, said: Said, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = disk.folder / "home"
    views(inbox, "a.jsonl", FEW)
    assert said()[0] == 0
    views(inbox, "b.jsonl", MANY)

    # In ingest, memory may end in the load of a table or beside it: either way the stage is named.
    for limit, command, places in [
        ("4MB", "ingest", ("web.views: ", "ingest stopped: ")),
        ("40MB", "build", ("model hungry (error)",)),
        ("2MB", "publish", ("ublish",)),
    ]:
        if command == "publish":
            assert said("build")[0] == 0
        monkeypatch.setenv("CLICKSTREAM_MEMORY_LIMIT", limit)
        code, told = said(command)
        assert code in (1, 2)
        assert any(place in told for place in places), told
        assert "Out of Memory Error" in told
        assert "to do: Set CLICKSTREAM_MEMORY_LIMIT higher" in told
        assert "SET threads" not in told, "no advice for people who type SQL"
        monkeypatch.delenv("CLICKSTREAM_MEMORY_LIMIT")
        assert published_views(home) == FEW
        if command == "ingest":
            assert said("ingest")[0] == 0
    assert said()[0] == 0
    assert published_views(home) == FEW + MANY


def test_a_read_only_disk_is_named_before_anything_is_done(
    disk: SmallDisk, said: Said, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views(inbox, "a.jsonl", FEW)
    if not disk.set_read_only():
        (disk.folder / "home").chmod(0o555)
    for command in ("run", "ingest", "build", "publish"):
        code, told = said(command)
        assert (code, told.startswith("The home cannot be written.")) == (2, True)
        assert "to do: Set CLICKSTREAM_HOME to a folder that you may write." in told
    disk.set_writable()
    (disk.folder / "home").chmod(0o755)
    assert said()[0] == 0


def test_a_warehouse_that_is_open_in_a_notebook_is_named_by_every_command(
    disk: SmallDisk, said: Said, inbox: Path
) -> None:
    views(inbox, "a.jsonl", FEW)
    assert said()[0] == 0
    views(inbox, "b.jsonl", FEW)
    warehouse = disk.folder / "home" / "warehouse.duckdb"
    notebook = f"import duckdb; held = duckdb.connect({str(warehouse)!r}); print(1, flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", notebook], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        for command in ("run", "ingest", "build", "publish", "quarantine", "fingerprint"):
            code, told = said(command)
            assert (code, told.startswith("The warehouse is open in another process.")) == (2, True)
            assert str(process.pid) in told
            assert "to do: Close that notebook" in told
        assert published_views(disk.folder / "home") == FEW, "readers are not concerned"
    finally:
        process.communicate("")
    assert said()[0] == 0
    assert published_views(disk.folder / "home") == 2 * FEW


def test_a_memory_limit_that_is_none_is_named(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKSTREAM_MEMORY_LIMIT", "much")
    code, told = said("ingest")
    assert code == 2
    assert "DuckDB refuses the setting memory_limit = much" in told
    assert "CLICKSTREAM_MEMORY_LIMIT=4GB" in told
