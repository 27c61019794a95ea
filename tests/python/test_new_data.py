"""Data tests on large tables look at all that no clean build has tested yet, and at nothing else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline_support import built_home, succeeded

from clickstream.dbt_runner import invoke
from clickstream.pipeline import run
from clickstream.settings import PROJECT, Home

STAGING = "staging.stg_clickstream__events"

OF_DATES = {
    "foreign_keys_events",
    "foreign_keys_session_days",
    "foreign_keys_visitor_days",
    "foreign_keys_page_days",
    "foreign_keys_sessions",
    "foreign_keys_mart_sessions",
    "primary_key_sessions",
    "primary_key_mart_sessions",
    "primary_key_visitors",
    "primary_key_pages",
    "primary_key_visitor_identities",
}
OF_ARRIVALS = {
    "primary_key_stg_clickstream__events",
    "primary_key_unique_events",
    "primary_key_quarantined_events",
    "assert_event_sources_keep_the_interface",
    "assert_every_record_is_staged",
    "assert_quarantine_holds_every_refused_line",
}


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after a clean build; then rows of one date and of one file are broken or go, unnoticed."""
    home = built_home(tmp_path_factory.mktemp("tested"), events=3_000, days=3, seed=4)
    with duckdb.connect(str(home.warehouse)) as connection:
        day, file = _broken(connection)
        for table in ("normalized.sessions", "marts.sessions", "normalized.visitors", "normalized.pages"):
            within = f"cast(first_event_at as date) = '{day}' and cast(last_event_at as date) = '{day}'"
            chosen = f"select min(rowid) from {table} where {within}"
            if table.startswith("normalized"):
                referred_to = chosen.replace("min(", "max(")
                connection.execute(f"delete from {table} where rowid = ({referred_to})")
            if table.endswith("sessions"):
                connection.execute(f"update {table} set user_id = 'nobody' where rowid = ({chosen})")
            connection.execute(f"insert into {table} from {table} where rowid = ({chosen})")
        for kind in ("reject_reasons is null", "reject_reasons is not null"):
            chosen = (
                f"select min(rowid) from {STAGING} where _source_file = '{file}' and not is_blank and {kind}"
            )
            connection.execute(f"insert into {STAGING} from {STAGING} where rowid = ({chosen})")
        connection.execute(
            f"update {STAGING} set reject_reasons = ['nonsense'] where rowid = ("
            f"select max(rowid) from {STAGING} where reject_reasons is not null and _source_file = '{file}')"
        )
    return home


def _broken(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The date and the file whose rows are broken: one with most refused lines."""
    row = connection.execute(
        f"select _source_file from {STAGING} where reject_reasons is not null "
        "group by all having count(*) > 1 order by count(*) desc, _source_file limit 1"
    ).fetchone()
    assert row is not None
    dates = connection.execute("select event_date from normalized.event_dates order by event_date").fetchall()
    return str(dates[1][0]), str(row[0])


def failed(home: Home, *arguments: str) -> set[str]:
    """The tests that fail when they are run by themselves."""
    tests = ["test", "--select", *sorted(OF_DATES | OF_ARRIVALS), *arguments]
    result, _ = invoke(home, tests, lambda *_: None, PROJECT)
    assert len(result.result.results) >= len(OF_DATES | OF_ARRIVALS)
    return {str(each.node.name) for each in result.result.results if str(each.status) == "fail"}


@pytest.fixture
def copy(tested: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    shutil.copytree(tested.root, tmp_path / "copy", symlinks=True)
    monkeypatch.setenv("CLICKSTREAM_HOME", str(tmp_path / "copy"))
    return Home(tmp_path / "copy")


def test_tested_rows_are_not_looked_at_again(copy: Home) -> None:
    assert failed(copy) == set()


def test_all_rows_of_new_dates_and_arrivals_are_looked_at(copy: Home) -> None:
    with duckdb.connect(str(copy.warehouse)) as connection:
        day, file = _broken(connection)
        connection.execute("delete from operations.tested_dates where event_date = ?", [day])
        connection.execute("delete from operations.tested_arrivals where source_file = ?", [file])
    assert failed(copy) == OF_DATES | OF_ARRIVALS


def test_rows_of_other_dates_and_arrivals_are_not(copy: Home) -> None:
    with duckdb.connect(str(copy.warehouse)) as connection:
        day, file = _broken(connection)
        connection.execute("delete from operations.tested_dates where event_date <> ?", [day])
        connection.execute("delete from operations.tested_arrivals where source_file <> ?", [file])
    assert failed(copy) == set()


def test_everything_can_be_looked_at(copy: Home) -> None:
    assert failed(copy, "--vars", "{test_all_data: true}") == OF_DATES | OF_ARRIVALS


def test_a_session_that_goes_on_as_a_guest_after_midnight_keeps_its_visitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    monkeypatch.setenv("CLICKSTREAM_HOME", str(home.root))
    inbox = home.root / "data" / "inbox" / "events"
    inbox.mkdir(parents=True)
    before = {"2026-01-05T23:59:00Z": {"user_id": "u1", "session_id": "s1"}}
    after = {"2026-01-06T00:01:00Z": {"session_id": "s1"}} | {
        f"2026-01-06T10:{minute}:00Z": {"user_id": "u2", "session_id": "s2"} for minute in range(10, 40)
    }
    for name, events in {"before": before, "after": after}.items():
        lines = [
            {"event_id": at, "timestamp": at, "action": "page_view", "page": "/", **who}
            for at, who in events.items()
        ]
        (inbox / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        assert succeeded(run(home)), name
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        visitors = connection.execute("select session_id, visitor_id from normalized.sessions order by all")
        assert visitors.fetchall() == [("s1", "u1"), ("s2", "u2")]


DATES_OF_PLACE_HOLDERS = {
    "__new_dates__": "event_dates",
    "__first_new_date__": "event_dates",
    "__last_new_date__": "event_dates",
    "__new_traffic_dates__": "traffic_dates",
    "__new_session_dates__": "session_dates",
    "__new_order_dates__": "order_dates",
    "__new_commerce_dates__": "commerce_dates",
    "__dates_of_new_arrivals__": "event_arrivals",
}


def dates_looked_at(test: Mapping[str, Any]) -> set[str]:
    """The models of dates that a test of the manifest reads, by place holders or by the macro."""
    text = json.dumps([test["raw_code"], test["config"].get("where"), test.get("test_metadata")])
    named = {model for holder, model in DATES_OF_PLACE_HOLDERS.items() if holder in text}
    asked = re.findall(r"\bnew_dates\(['\"]?(\w*)['\"]?\)", text)
    asked += re.findall(r"\bin_new_dates\(['\"]\w+['\"](?:, ['\"](\w+)['\"])?\)", text)
    return named | {name or "event_dates" for name in asked}


def read_too_early(manifest: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(test, model of dates) where nothing makes dbt build the dates before the test reads them."""
    parents: Mapping[str, list[str]] = manifest["parent_map"]

    def before(node: str, known: set[str]) -> set[str]:
        for parent in set(parents.get(node, ())) - known:
            known.add(parent)
            before(parent, known)
        return known

    return {
        (test["name"], model)
        for name, test in manifest["nodes"].items()
        if test["resource_type"] == "test"
        for model in dates_looked_at(test)
        if f"model.clickstream.{model}" not in before(name, set())
    }


def test_dates_are_built_before_tests_look_at_them(tested: Home) -> None:
    """With several threads dbt runs a test as soon as its parents are built: the dates must be among them."""
    manifest = json.loads((tested.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    looked_at = [
        dates_looked_at(node) for node in manifest["nodes"].values() if node["resource_type"] == "test"
    ]
    assert set().union(*looked_at) == set(DATES_OF_PLACE_HOLDERS.values())
    assert read_too_early(manifest) == set()


def test_dates_that_a_test_does_not_wait_for_are_found(tested: Home) -> None:
    manifest = json.loads((tested.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    manifest["parent_map"]["model.clickstream.date_arrivals"].remove("model.clickstream.order_dates")
    assert read_too_early(manifest) == {("primary_key_date_arrivals", "order_dates")}
