"""A long history is asked for by date: a build of one day must not read, or hold in memory, a year."""

from __future__ import annotations

import json
import re

import duckdb
import pytest
from pipeline_support import built_home, succeeded

from clickstream.pipeline import run
from clickstream.settings import Home

BOUNDS = re.compile(r"between date '(\d{4}-\d\d-\d\d)'\s+and date '(\d{4}-\d\d-\d\d)'")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with three dates, then a file with one late event and one of a new date."""
    home = built_home(tmp_path_factory.mktemp("grown"), events=3_000, days=3, seed=4)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        row = connection.execute(
            "select session_id, user_id from normalized.events "
            "where event_date = (select max(event_date) from normalized.events) and user_id is not null "
            "order by all limit 1"
        ).fetchone()
    assert row is not None
    common = {"session_id": row[0], "user_id": row[1], "action": "page_view", "page": "/products/1"}
    lines = [
        {"event_id": f"late-{day}", "timestamp": f"2026-01-{day:02}T12:00:00Z", **common} for day in (7, 9)
    ]
    more = home.root / "data" / "inbox" / "events" / "more.jsonl"
    more.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLICKSTREAM_HOME", str(home.root))
        assert succeeded(run(home))
    return home


def test_who_reads_events_of_few_dates_reads_repeats_of_these_only(grown: Home) -> None:
    with duckdb.connect(str(grown.warehouse), read_only=True) as connection:
        row = connection.execute(
            "explain (format json) select count(distinct page_path) from normalized.events "
            "where event_date between date '2026-01-06' and date '2026-01-06'"
        ).fetchone()
    assert row is not None
    scans = scans_of(json.loads(row[1]))
    for table in ("stg_clickstream__events", "event_repeats"):
        asked = [filters for name, filters in scans if name.endswith(table)]
        assert asked, table
        assert all("2026-01-06" in filters for filters in asked), table


def scans_of(plan: list[dict[str, object]]) -> list[tuple[str, str]]:
    """(table, filters) of all scans in a plan."""
    found = []
    for node in plan:
        extra = node.get("extra_info")
        if isinstance(extra, dict) and "Table" in extra:
            found.append((str(extra["Table"]), json.dumps(extra.get("Filters", ""))))
        children = node.get("children")
        if isinstance(children, list):
            found += scans_of(children)
    return found


def test_every_model_that_reads_events_names_the_dates(grown: Home) -> None:
    manifest = json.loads((grown.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    readers = {
        node["name"]: text_of(grown, node["original_file_path"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] == "incremental"
        and "model.clickstream.events" in node["depends_on"]["nodes"]
    }
    found = {
        name: set(BOUNDS.findall(sql)) for name, sql in readers.items() if '"normalized"."events"' in sql
    }
    assert len(found) >= 12
    assert {name for name, bounds in found.items() if not bounds} == set()
    assert found["daily_page_views"] == {("2026-01-07", "2026-01-09")}


def text_of(home: Home, path: str) -> str:
    """A model's SQL as it ran, without comments."""
    sql = (home.dbt_target / "compiled" / "clickstream" / path).read_text(encoding="utf-8")
    return re.sub(r"(?m)^\s*--.*$", "", sql)
