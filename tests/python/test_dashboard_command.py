"""`clickstream dashboard`: its options, what it says, what it imports; and the lineage that dbt knows."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml
from published_support import Page
from test_cli import call, complain

from clickstream.settings import PROJECT, Home
from serve.dashboard.publication import QUERIES

HEAVY = ("altair", "vl_convert", "starlette", "uvicorn", "marimo", "pandas", "polars", "selenium")


def test_export_writes_one_page_with_the_filters(
    published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLICKSTREAM_HOME", str(published.root))
    site = tmp_path / "a" / "site"
    told = call(
        "dashboard", "--export", str(site), "--channel", "Email", "--to", "2026-01-20", "--stale-after", "1e6"
    )
    assert told == f"Written: {site}/index.html\n"
    assert [path.name for path in site.iterdir()] == ["index.html"]
    page = Page((site / "index.html").read_text())
    assert "channel Email" in page.text
    assert "2026-01-20" in page.text
    assert "Stale" not in page.text
    assert "form" not in page.tags


def test_a_wrong_option_is_told(
    published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLICKSTREAM_HOME", str(published.root))
    told = complain(
        monkeypatch, capsys, "dashboard", "--export", str(tmp_path / "site"), "--channel", "Emial"
    )
    assert "There is no channel “Emial”" in told
    assert "Email" in told
    assert not (tmp_path / "site").exists()
    (tmp_path / "file").touch()
    told = complain(monkeypatch, capsys, "dashboard", "--export", str(tmp_path / "file"))
    assert "could not be written" in told


def test_the_command_serves_until_it_is_interrupted(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKSTREAM_HOME", str(published.root))
    command = [sys.executable, "-m", "clickstream", "dashboard", "--port", "0", "--channel", "Email"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        try:
            assert process.stdout is not None
            told = process.stdout.readline()
            url = re.match(
                r"Dashboard: (http://127\.0\.0\.1:\d+/\?channel=Email)  \(Ctrl-C ends it\)\n", told
            )
            assert url, told
            with urllib.request.urlopen(url[1]) as answer:
                assert "Email" in Page(answer.read().decode()).column("channels", 0)
            began = time.monotonic()
            process.send_signal(2)
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert time.monotonic() - began < 10
    assert "Traceback" not in errors
    assert process.returncode == 130


def test_other_commands_do_not_load_what_the_dashboard_needs() -> None:
    code = (
        "import sys, clickstream.cli, clickstream.pipeline, clickstream.summary, clickstream.status_view\n"
        "import serve.publish, ingest.runner\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert done.stdout == "[]\n"


def tables_of_models() -> dict[str, str]:
    """`schema.table` → model, of all marts."""
    found = {}
    for path in (PROJECT / "models" / "marts").rglob("*.sql"):
        alias = re.search(r"alias='(\w+)'", path.read_text())
        schema = "operations" if path.parent.name == "operations" else "marts"
        found[f"{schema}.{alias[1] if alias else path.stem}"] = path.stem
    return found


def read_by(*texts: str) -> set[str]:
    """The published tables that SQL texts read."""
    return {table for text in texts for table in re.findall(r"\b((?:marts|operations)\.\w+)", text)}


def exposed(name: str) -> set[str]:
    """The models that an exposure names."""
    content = yaml.safe_load((PROJECT / "models" / "marts" / "_marts__exposures.yml").read_text())
    (found,) = [exposure for exposure in content["exposures"] if exposure["name"] == name]
    return {re.fullmatch(r"ref\('(\w+)'\)", reference)[1] for reference in found["depends_on"]}  # type: ignore[index]


def test_the_exposure_names_exactly_the_tables_that_the_notebook_reads() -> None:
    text = (PROJECT / "notebooks" / "tour.py").read_text()
    assert {tables_of_models()[table] for table in read_by(text)} == exposed("tour")


def test_the_exposure_names_exactly_the_tables_that_the_dashboard_reads() -> None:
    texts = [path.read_text() for path in QUERIES.glob("*.sql")]
    assert len(texts) > 20
    assert {tables_of_models()[table] for table in read_by(*texts)} == exposed("dashboard")
