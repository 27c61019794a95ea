"""The command line: help, messages and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import duckdb
import pytest
from fake_warehouse import LOADED_AT, add_build, add_failure, create, execute, manifest
from test_lock import holder
from typer.testing import CliRunner

from clickstream.cli import app, main
from clickstream.fingerprint import read_fingerprint
from clickstream.settings import PROJECT, Home
from serve.publish import publish

COMMANDS = (
    "run",
    "ingest",
    "build",
    "publish",
    "status",
    "dashboard",
    "quarantine",
    "forget-file",
    "fingerprint",
    "sample",
)


def call(*arguments: str) -> str:
    """The output of a command that succeeds."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def complain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `main` says on standard error when it ends with 2."""
    monkeypatch.setattr(sys, "argv", ["clickstream", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    return told


def test_help_names_every_command_and_is_quick() -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "clickstream", "--help"],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=True,
    )
    assert time.monotonic() - began < 3
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout
    for line in done.stdout.splitlines():
        assert line.startswith("Usage:") or not line.endswith("..."), f"cut short: {line}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_explained(command: str) -> None:
    told = call(command, "--help")
    for line in told.splitlines():
        if line.strip().startswith("--"):
            assert len(line.split()) > 2, f"{command}: an option without help: {line}"


@pytest.mark.parametrize("command", ["quarantine", "fingerprint"])
def test_no_warehouse_yet(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    told = complain(monkeypatch, capsys, command)
    assert told.splitlines()[0] == "There is no warehouse yet."
    assert f"  where: {home.warehouse}" in told
    assert "  to do: Run `clickstream run`" in told


def test_a_running_command_is_named(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with holder(home) as process:
        for command in ("run", "ingest", "build", "publish"):
            told = complain(monkeypatch, capsys, command)
            assert f"Another command is running here: `clickstream run`, process {process.pid}" in told


def test_status_of_an_empty_home(home: Home) -> None:
    told = call("status")
    assert "There is no warehouse yet" in told
    assert "none yet" in told


def test_status_shows_the_state(home: Home) -> None:
    create(home)
    publish(home, manifest())
    add_build(home, "build-2", started_at=LOADED_AT.replace(hour=9), error_count=1)
    add_failure(home, "build-2", "not_null_events_event_id", 1234, "failures.not_null_events_event_id")
    told = call("status")
    assert "clickstream      2    150     140           5            4      1" in told
    assert "1 failed, 2026-01-04 09:00:00 UTC" in told
    assert "fail not_null_events_event_id, 1,234 rows" in told
    assert "select * from failures.not_null_events_event_id" in told
    assert "marts.daily_product_page_views   300" in told


def test_status_names_the_dates_that_the_publication_restated(home: Home) -> None:
    create(home)
    execute(
        home,
        """create table operations.restatements (
            publication_number integer, mart_name varchar, restated_date date, reasons varchar[],
            source_file_count bigint
        )""",
    )
    publish(home, manifest())
    assert "It restated no published date." in call("status")
    execute(
        home,
        """insert into operations.restatements values
            (1, 'daily_page_views', '2026-01-05', ['new_lines'], 2),
            (1, 'sessions', '2026-01-05', ['new_lines', 'rules'], 2),
            (2, 'sessions', '2026-01-06', ['rules'], 0)""",
    )
    assert "It restated 1 published date: 2026-01-05 (new_lines, rules)." in call("status")


def test_status_as_json(home: Home) -> None:
    create(home)
    publish(home, manifest())
    found = json.loads(call("status", "--json"))
    assert found["accounting"][0] == {
        "source_name": "clickstream",
        "file_count": 2,
        "line_count": 150,
        "event_count": 140,
        "duplicate_count": 5,
        "quarantined_count": 4,
        "blank_count": 1,
    }
    assert found["build"]["invocation_id"] == "build-1"
    assert found["build"]["started_at"] == "2026-01-04T01:01:00+00:00"
    assert found["publication"]["tables"]["marts.categories"] == 2


def test_status_of_a_locked_warehouse_shows_the_publication(home: Home) -> None:
    create(home)
    publish(home, manifest())
    program = (
        f"import duckdb, time; held = duckdb.connect({str(home.warehouse)!r});"
        "print('open', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        told = call("status")
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    assert "The warehouse is open in another process." in told
    assert str(process.pid) in told
    assert "marts.daily_product_page_views   300" in told


def test_quarantine_shows_every_reason_with_file_and_line(home: Home) -> None:
    create(home)
    told = call("quarantine")
    assert "3 rejected lines" in told
    assert "bad_timestamp       2" in told
    assert "data/inbox/a.jsonl:9  bad_timestamp, missing_page" in told
    assert '{"timestamp": "[red]"}' in told, "markup in a line is shown, not obeyed"


def test_quarantine_can_be_narrowed(home: Home) -> None:
    create(home)
    assert "1 rejected lines" in call("quarantine", "--reason", "missing_page")
    assert "1 rejected lines" in call("quarantine", "--file", "b.jsonl")
    assert "2 more: raise --limit" in call("quarantine", "--limit", "1")
    assert "No rejected lines" in call("quarantine", "--reason", "nothing_such")


def test_quarantine_as_json_has_the_whole_line(home: Home) -> None:
    create(home)
    payload = "x" * 5000
    execute(home, f"update operations.quarantined_events set payload = '{payload}' where source_line = 7")
    found = json.loads(call("quarantine", "--json", "--reason", "malformed_json"))
    assert found["lines"][0]["payload"] == payload
    assert found["total"] == 1


def test_quarantine_cuts_long_lines_and_shows_control_characters(home: Home) -> None:
    create(home)
    execute(
        home,
        "update operations.quarantined_events set payload = chr(27) || '[2J' || repeat('y', 5000) "
        "where source_line = 7",
    )
    told = call("quarantine", "--reason", "malformed_json")
    assert "\\x1b[2J" in told
    assert "\x1b" not in told
    assert "…" in told


def test_fingerprint_ignores_order_and_load_identity_but_no_value(home: Home) -> None:
    create(home)
    first = read_fingerprint(home)
    execute(
        home,
        "create table marts.shuffled as from marts.daily_product_page_views order by random()",
        "drop table marts.daily_product_page_views",
        "alter table marts.shuffled rename to daily_product_page_views",
    )
    assert read_fingerprint(home) == first
    execute(home, "alter table marts.categories add column _dlt_load_id varchar default '17'")
    assert read_fingerprint(home) == first
    execute(home, "update marts.categories set name = 'boots' where category_id = 1")
    changed = read_fingerprint(home)
    assert {table for table in first if first[table] != changed[table]} == {"marts.categories"}


def test_fingerprint_prints_a_line_per_table(home: Home) -> None:
    create(home)
    lines = call("fingerprint").splitlines()
    assert lines == sorted(lines)
    assert lines[0].startswith("marts.categories 2 ")
    assert json.loads(call("fingerprint", "--json")).keys() == {line.split()[0] for line in lines}


def test_an_unreadable_warehouse_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home.warehouse.write_text("this is no database, " * 1000)
    told = complain(monkeypatch, capsys, "fingerprint")
    assert "The warehouse cannot be opened." in told


def test_a_home_that_cannot_be_made_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.root / "file").write_text("")
    monkeypatch.setenv("CLICKSTREAM_HOME", str(home.root / "file" / "below"))
    told = complain(monkeypatch, capsys, "publish")
    assert told.startswith("The home cannot be written.")
    assert "Not a directory" in told


def test_looking_at_a_home_that_is_not_there_does_not_make_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLICKSTREAM_HOME", str(home.root / "typo"))
    assert "There is no warehouse yet" in call("status")
    assert not (home.root / "typo").exists()


def test_readers_are_not_locked_out_by_a_read_only_reader(home: Home) -> None:
    create(home)
    publish(home, manifest())
    with duckdb.connect(str(home.published / "clickstream.duckdb"), read_only=True):
        assert "300" in call("status")
