"""What the whole-pipeline tests share: a home with sample data, a run with the order API, the truth."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from truths import TRUTHS

from clickstream.pipeline import Outcome, run
from clickstream.settings import PROJECT, Home
from sample.generate import generate
from sample.shop_api import serve_orders

TOKEN = "token-of-the-tests"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# One port for all runs: it stands in a setting, and another setting is another project.
PORT = _free_port()


def make_sample(folder: Path, *, events: int, days: int, seed: int, start: date = date(2026, 1, 5)) -> Path:
    """A sample day-set; returns its folder."""
    generate(folder, events=events, days=days, seed=seed, start=start)
    return folder


def copy_project(folder: Path) -> Path:
    """A copy of the dbt project, to be changed; returns its folder."""
    folder.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder)
    for name in ("models", "macros", "seeds", "tests/data", "tests/generic", "docs"):
        shutil.copytree(PROJECT / name, folder / name)
    return folder


def put(home: Home, sample: Path, files: Iterable[Path]) -> None:
    """Copy files of a sample into the inbox of a home, under the same relative names."""
    for file in files:
        target = home.root / "data" / "inbox" / file.relative_to(sample)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def page_views(home: Home, name: str, events: dict[str, dict[str, str]]) -> None:
    """A new file of page views: time of 2026-01-05 -> further fields."""
    inbox = home.root / "data" / "inbox" / "events"
    inbox.mkdir(parents=True, exist_ok=True)
    lines = [
        {"event_id": at, "timestamp": f"2026-01-05T{at}:00Z", "action": "page_view", "page": "/", **fields}
        for at, fields in events.items()
    ]
    (inbox / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def all_files(sample: Path) -> list[Path]:
    """Event logs and catalogue of a sample, in order."""
    return sorted(
        file for part in ("events", "catalogue") for file in (sample / part).rglob("*") if file.is_file()
    )


def in_ledger(sample: Path, file: Path) -> str:
    """The name that a file of a sample has once it lies in an inbox."""
    return f"data/inbox/{file.relative_to(sample).as_posix()}"


def project_with(folder: Path, **variables: str) -> Path:
    """The dbt project with other values of vars of dbt_project.yml that have a line of their own."""
    folder.mkdir()
    for part in PROJECT.iterdir():
        if part.suffix in {".yml", ".py"} or part.name in {"models", "macros", "seeds", "tests", "docs"}:
            (folder / part.name).symlink_to(part)
    written = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    for name, value in variables.items():
        written, count = re.subn(rf"(?m)^  {name}: .*$", f"  {name}: {value}", written)
        assert count == 1, f"dbt_project.yml has no var {name}"
    (folder / "dbt_project.yml").unlink()
    (folder / "dbt_project.yml").write_text(written, encoding="utf-8")
    return folder


def run_with_shop(
    home: Home,
    sample: Path,
    monkeypatch: object,
    *,
    full_refresh: bool = False,
    folder: Path = PROJECT,
) -> Outcome:
    """One run of the pipeline while the order API of the sample answers on loopback."""
    with serve_orders(sample / "api" / "orders.jsonl", token=TOKEN, port=PORT) as api:
        monkeypatch.setenv("CLICKSTREAM_ORDERS_URL", api.url)  # type: ignore[attr-defined]
        monkeypatch.setenv("CLICKSTREAM_SHOP_TOKEN", TOKEN)  # type: ignore[attr-defined]
        return run(home, full_refresh=full_refresh, folder=folder)


def built_home(folder: Path, *, events: int, days: int, seed: int) -> Home:
    """A home in `folder` in which a sample went through the whole pipeline; for fixtures of a module."""
    home = Home(folder / "home")
    home.root.mkdir()
    sample = make_sample(folder / "sample", events=events, days=days, seed=seed)
    put(home, sample, all_files(sample))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLICKSTREAM_HOME", str(home.root))
        assert succeeded(run_with_shop(home, sample, environment))
    return home


def differences(home: Home, sample: Path, time_zone: str = "UTC") -> dict[str, tuple[int, int]]:
    """Marts that differ from the truth: name -> (rows only the pipeline has, rows only the truth has)."""
    found = {}
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        for name, (ours, truth) in TRUTHS.items():
            known = truth.format(truth=(sample / "expected").as_posix(), time_zone=time_zone)
            counts = connection.execute(
                f"select (select count(*) from (({ours}) except all ({known}))), "
                f"(select count(*) from (({known}) except all ({ours}))), (select count(*) from ({ours}))"
            ).fetchone()
            assert counts is not None
            assert counts[2] > 0, f"{name} is empty"
            if counts[0] or counts[1]:
                found[name] = (counts[0], counts[1])
    return found


def succeeded(outcome: Outcome) -> bool:
    """Whether every stage did its work; else says on stderr, which pytest shows, what did not."""
    for failed in [*(outcome.built.failures if outcome.built else ()), outcome.refusal]:
        if failed is not None:
            sys.stderr.write(f"{failed}\n")
    return outcome.exit_code == 0
