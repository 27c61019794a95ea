"""`clickstream run` from end to end, on a toy project: what it does, what it says, what it leaves alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from toy_project import create_project
from typer.testing import CliRunner

from clickstream import pipeline
from clickstream.cli import app
from clickstream.dbt_runner import invoke
from clickstream.errors import UserError
from clickstream.pipeline import Outcome, run
from clickstream.settings import PROJECT, Home
from clickstream.status import read_status
from clickstream.summary import show_outcome

GOOD = '{"date": "2026-01-0%d", "product": %d}\n'


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project lies, in the same place for every test: what dbt has read of it is shared."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture
def project(root: Path) -> Path:
    shutil.rmtree(root / "project", ignore_errors=True)
    return create_project(root / "project")


@pytest.fixture
def inbox(home: Home) -> Path:
    folder = home.root / "inbox"
    folder.mkdir()
    (folder / "a.jsonl").write_text("".join(GOOD % (1 + i % 2, i % 3) for i in range(12)))
    return folder


def go(home: Home, project: Path, capsys: pytest.CaptureFixture[str], **options: bool) -> tuple[Outcome, str]:
    outcome = run(home, folder=project, **options)
    show_outcome(home, outcome)
    return outcome, capsys.readouterr().out


def views(home: Home) -> int:
    with duckdb.connect(str(home.published / "clickstream.duckdb"), read_only=True) as connection:
        row = connection.execute("select sum(view_count) from marts.daily_product_page_views").fetchone()
    assert row is not None
    return int(row[0])


def test_first_run_then_nothing_new_then_new_rows(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome, told = go(home, project, capsys)
    assert outcome.exit_code == 0
    assert views(home) == 12
    assert "web.views  loaded" in told
    assert "2 models built, 1 test passed, 0 warned, 0 failed, 0 skipped" in told
    assert "Most viewed products of 2026-01-02" in told
    assert f"{home.published}/clickstream.duckdb" in told
    assert "read_only=True" in told

    before = home.published.readlink()
    outcome, told = go(home, project, capsys)
    assert (outcome.exit_code, outcome.is_current) == (0, True)
    assert "Nothing new" in told
    assert home.published.readlink() == before

    (inbox / "b.jsonl").write_text(GOOD % (3, 7))
    outcome, told = go(home, project, capsys)
    assert not outcome.is_current
    assert views(home) == 13
    assert "Most viewed products of 2026-01-03" in told


def multiply_views(project: Path, factor: int) -> None:
    """Edit the toy project's model."""
    model = project / "models" / "daily_product_page_views.sql"
    model.write_text(model.read_text().replace("count(*) as view", f"count(*) * {factor} as view"))


def test_a_model_edited_during_a_run_is_built_by_the_next(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load = pipeline.run_ingest

    def load_and_edit(*arguments: Any) -> Any:
        multiply_views(project, 2)
        return load(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "run_ingest", load_and_edit)
        go(home, project, capsys)
    assert views(home) == 12

    outcome, _ = go(home, project, capsys)
    assert not outcome.is_current
    assert views(home) == 24


def test_failing_test_keeps_the_publication_and_says_how_to_look(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go(home, project, capsys)
    (inbox / "bad.jsonl").write_text('{"date": "2026-01-05"}\n')
    outcome, told = go(home, project, capsys)
    assert outcome.exit_code == 1
    assert views(home) == 12
    assert "test not_null_daily_product_page_views_product_id (fail: 1 row)" in told
    look = next(line for line in told.splitlines() if "look: " in line).partition("look: ")[2]
    shown = subprocess.run(look, shell=True, capture_output=True, text=True, check=True).stdout  # noqa: S602
    assert "product_id" in shown
    assert "NULL" in shown
    assert "Readers keep the last good publication" in told
    build = read_status(home)["build"]
    assert [failure["node_name"] for failure in build["failures"]] == [
        "not_null_daily_product_page_views_product_id"
    ]

    # Nothing new to load, and still not well: the next run must try again, not say "nothing new".
    outcome, told = go(home, project, capsys)
    assert (outcome.exit_code, outcome.is_current) == (1, False)


def test_a_broken_model_is_named_with_its_reason(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "models/event_accounting.sql").write_text("{{ config(schema='operations') }} select nope")
    outcome, told = go(home, project, capsys)
    assert outcome.exit_code == 1
    assert "model event_accounting (error)  models/event_accounting.sql" in told
    assert 'Referenced column "nope"' in told
    assert "nope" in (home.state / "logs" / "dbt.log").read_text(), "the log that is named is there"
    assert "There is no earlier publication" in told
    assert not home.published.exists()


def test_a_mistake_in_the_project_is_told_by_file(home: Home, project: Path, inbox: Path) -> None:
    (project / "models/broken.sql").write_text("select * from {{ ref('nowhere') }}")
    with pytest.raises(UserError, match=r"(?s)cannot be read.*models/broken\.sql.*nowhere"):
        run(home, folder=project)


def test_a_changed_model_is_built_though_no_row_is_new(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go(home, project, capsys)
    multiply_views(project, 10)
    outcome, _ = go(home, project, capsys)
    assert not outcome.is_current
    assert views(home) == 120


def test_a_changed_setting_is_noticed(
    home: Home,
    project: Path,
    inbox: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go(home, project, capsys)
    (home.root / "other").mkdir()
    (home.root / "other/c.jsonl").write_text(GOOD % (4, 1))
    monkeypatch.setenv("TOY_VIEWS", "other/*.jsonl")
    outcome, _ = go(home, project, capsys)
    assert not outcome.is_current
    assert views(home) == 13


def test_a_partial_dbt_run_by_hand_is_followed_by_a_full_build(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go(home, project, capsys)
    result, _ = invoke(home, ["run", "--select", "event_accounting"], lambda *_: None, project)
    assert result.success
    outcome, _ = go(home, project, capsys)
    assert (outcome.exit_code, outcome.is_current) == (0, False)


def test_a_lost_publication_is_made_again(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go(home, project, capsys)
    home.published.unlink()
    outcome, _ = go(home, project, capsys)
    assert outcome.publication is not None
    assert views(home) == 12


def test_one_failing_source_does_not_stop_the_rest(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go(home, project, capsys)
    first = inbox / "a.jsonl"
    first.write_text(first.read_text().replace("2026-01-01", "2026-01-09"))
    (inbox / "b.jsonl").write_text(GOOD % (3, 7))
    outcome, told = go(home, project, capsys)
    assert outcome.exit_code == 1
    assert "inbox/a.jsonl" in told
    assert views(home) == 13, "what could be loaded is built and published"


def test_a_forgotten_file_is_gone_after_the_next_run(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox / "b.jsonl").write_text(GOOD % (3, 7))
    go(home, project, capsys)
    result = CliRunner().invoke(app, ["forget-file", "inbox/b.jsonl"], catch_exceptions=False)
    assert "Forgot inbox/b.jsonl: 1 row and 0 rejected records taken out of web.views." in result.output
    outcome, _ = go(home, project, capsys)
    assert not outcome.is_current
    assert views(home) == 12


def test_status_names_a_file_that_changed_after_it_was_loaded(
    home: Home, project: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go(home, project, capsys)
    first = inbox / "a.jsonl"
    first.write_text(first.read_text().replace("2026-01-01", "2026-01-09"))
    go(home, project, capsys)
    told = CliRunner().invoke(app, ["status"], catch_exceptions=False).output
    assert "changed inbox/a.jsonl: " in told


def test_nothing_new_is_said_without_importing_dbt_or_dlt(home: Home, project: Path, inbox: Path) -> None:
    run(home, folder=project)
    program = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n"
        "from pathlib import Path\n"
        "from clickstream.pipeline import run\n"
        "from clickstream.settings import Home\n"
        f"assert run(Home(Path({str(home.root)!r})), folder=Path({str(project)!r})).is_current\n"
        "heavy = {'dbt', 'dlt'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
