"""Some models only: built with their tests, not built for a while, or before others."""

from __future__ import annotations

import duckdb
from pipeline_support import page_views

from clickstream.dbt_runner import invoke
from clickstream.fingerprint import read_fingerprint
from clickstream.pipeline import load_project, run_ingest
from clickstream.settings import PROJECT, Home

MARK = "last_event_at = last_event_at + interval 7 microseconds"
TOLD = ("marts.visitors", "marts.session_attribution")
NEEDED = ("--select", "+mart_visitors", "+session_attribution")
WITHOUT = ("--exclude", "mart_visitors", "session_attribution")


def _dbt(home: Home, command: str, *arguments: str) -> None:
    """Run a dbt command on the models that are told, and what they need."""
    chosen = () if "--select" in arguments else NEEDED
    result, _ = invoke(home, [command, *chosen, *arguments], lambda *_: None, PROJECT)
    assert result.success, result.exception or [
        each.message for each in result.result if each.status == "error"
    ]


def _load(home: Home, name: str, at: str, **fields: str) -> None:
    """A page view at a time of 2026-01-05 comes in a file of its own; no model is built."""
    page_views(home, name, {at: fields})
    assert run_ingest(home, load_project(home).content).ok


def _visitors(home: Home, table: str) -> dict[str, bool]:
    """Visitor -> whether the row is as it was marked."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute(
            f"select visitor_id, microsecond(last_event_at) % 1000 > 0 from {table}"
        ).fetchall()
    return dict(rows)


def test_a_selection_passes_its_tests_where_nothing_else_was_built(home: Home) -> None:
    _load(home, "first", "12:00", session_id="s1", user_id="u1")
    arguments = ("--select", "+daily_page_views", "--exclude-resource-type", "unit_test")
    result, _ = invoke(home, ["build", *arguments], lambda *_: None, PROJECT)
    assert result.success, result.exception
    done = {each.node.name: str(each.status) for each in result.result}
    assert done["primary_key_daily_page_views"] == done["rules_daily_page_views"] == "pass"
    assert done["foreign_keys_user_agent_days"] == "pass"  # Looks at another table, which was made before.
    assert "foreign_keys_events" not in done  # Looks at sessions and products, which were not.


def test_models_that_lag_or_run_ahead_end_as_after_a_full_refresh(home: Home) -> None:
    _load(home, "first", "12:00", session_id="s1", user_id="u1")
    _load(home, "second", "12:10", session_id="s2", user_id="u2")
    _load(home, "third", "12:20", session_id="s3")
    _dbt(home, "build", "--exclude-resource-type", "test", "unit_test")
    with duckdb.connect(str(home.warehouse)) as connection:
        for table in TOLD:
            connection.execute(f"update {table} set {MARK}")

    # Two builds go by: a session goes on, and a guest becomes a user.
    _load(home, "late 1", "12:15", session_id="s2", user_id="u2")
    _dbt(home, "run", *WITHOUT)
    _load(home, "late 2", "12:25", session_id="s3", user_id="u3")
    _dbt(home, "run", *WITHOUT)
    for table in TOLD:
        assert _visitors(home, table) == {"u1": True, "u2": True, "session:s3": True}, table
    _dbt(home, "run")
    for table in TOLD:
        assert _visitors(home, table) == {"u1": True, "u2": False, "u3": False}, table

    # A line without session makes the date one that is built whole: what was told before ends there.
    _load(home, "late 3", "12:30", session_id="s2", user_id="u2")
    _dbt(home, "run", *WITHOUT)
    _load(home, "late 4", "12:35", user_id="u4")
    _dbt(home, "run", *WITHOUT)
    _load(home, "late 5", "12:40", session_id="s2", user_id="u2")
    _dbt(home, "run")
    for table in TOLD:
        assert _visitors(home, table) == dict.fromkeys(("u1", "u2", "u3", "u4"), False), table

    # Sessions of a date that its versions do not tell yet are counted, and not again when these do.
    _load(
        home, "next", "12:00", session_id="s4", user_id="u1", event_id="n", timestamp="2026-01-06T12:00:00Z"
    )
    _dbt(home, "run", "--exclude", "session_dates+")
    _dbt(home, "run", "--full-refresh", "--select", "mart_visitors")
    _dbt(home, "run")
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        counted = connection.execute(
            "select session_count from marts.visitors where visitor_id = 'u1'"
        ).fetchone()
    assert counted == (2,)

    incremental = read_fingerprint(home)
    _dbt(home, "run", "--full-refresh")
    assert read_fingerprint(home) == incremental
