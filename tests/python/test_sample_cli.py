"""The commands of the sample, as the main command line registers them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from clickstream.errors import UserError
from sample import cli

app = typer.Typer()
app.command("sample")(cli.sample)
app.command("sample-api")(cli.sample_api)


def test_sample_goes_to_the_inbox_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKSTREAM_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["sample", "--events", "1000", "--days", "1"])
    assert result.exit_code == 0, result.output
    assert "log lines in" in result.output
    inbox = tmp_path.resolve() / "data" / "inbox"
    assert {path.name for path in inbox.iterdir()} == {
        "events",
        "catalogue",
        "api",
        "expected",
        "sample.json",
    }


def test_a_start_that_is_no_date_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["sample", "--start", "yesterday", "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, UserError)
    assert "2026-01-05" in str(result.exception)


def test_the_api_without_orders_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["sample-api", "--orders", str(tmp_path / "none.jsonl")])
    assert isinstance(result.exception, UserError)
