"""Incremental = full refresh, any order, run twice = run once: for every table, by content hash."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline_support import (
    all_files,
    in_ledger,
    make_sample,
    page_views,
    project_with,
    put,
    run_with_shop,
    succeeded,
)
from restatement_support import (
    assert_causes,
    crash_before_the_switch,
    moved_figures,
    read_restatements,
)

from clickstream.fingerprint import read_fingerprint
from clickstream.pipeline import run
from clickstream.settings import PROJECT, Home
from ingest.forgetting import forget_file


def _marked_time(microseconds: int) -> str:
    """Logs have milliseconds: the mark moves a time by less than what two events lie apart."""
    return f"last_event_at = date_trunc('millisecond', last_event_at) + interval {microseconds} microseconds"


MARKS = {
    "marts.daily_page_views": "session_count = session_count - 1 where session_count > 0",
    "marts.daily_product_page_views": "session_count = session_count - 1 where session_count > 0",
    "marts.session_attribution": _marked_time(7),
    "marts.sessions": "landing_query = 'marked'",
    "marts.visitors": _marked_time(7),
    "normalized.page_days": "first_event_at = first_event_at - interval 7 microseconds",
    "normalized.session_days": "landing_query = 'marked'",
    "normalized.sessions": _marked_time(7),
    "normalized.visitor_days": "first_event_at = first_event_at - interval 7 microseconds",
    "normalized.visitors": "first_event_at = first_event_at - interval 7 microseconds",
}
_IS_MARKED = "microsecond(last_event_at) % 1000 > 0"
_HAS_MARKED_QUERY = "landing_query is not distinct from 'marked'"
_BY_SESSION = "session_id in (select session_id from late)"
REBUILT = (
    (
        "marts.session_attribution left join late_visitors using (visitor_id)",
        "coalesce(session_date >= since, false)",
        _IS_MARKED,
    ),
    ("marts.sessions", _BY_SESSION, _HAS_MARKED_QUERY),
    ("marts.visitors left join late_visitors using (visitor_id)", "since is not null", _IS_MARKED),
    (
        "normalized.session_days",
        f"{_BY_SESSION} and event_date in (select event_date from late)",
        _HAS_MARKED_QUERY,
    ),
    ("normalized.sessions", _BY_SESSION, _IS_MARKED),
)
"""Table, which rows late lines build anew (`late` has their dates and keys), and how to see a mark.

`late_visitors` has whose sessions these are, and the date of the first of them (`since`).
"""

_EVENTS = "from normalized.events group by all"
_VIEWS = (
    "count(distinct session_id) as truth from normalized.events "
    "anti join normalized.bot_session_days using (session_id, event_date) where action = 'page_view'"
)
_FIRST = "epoch_us(min(event_at)) as truth"
_EARLIER = "least(before, truth)"
ADDED_TO = {
    "marts.daily_page_views": (
        ("view_date, page_path", "session_count"),
        (f"select event_date as view_date, page_path, {_VIEWS} group by all", "truth - 1"),
    ),
    "marts.daily_product_page_views": (
        ("view_date, product_id", "session_count"),
        (
            f"select event_date as view_date, product_id, {_VIEWS} and product_id is not null group by all",
            "truth - 1",
        ),
    ),
    "normalized.page_days": (
        ("event_date, page_path", "epoch_us(first_event_at)"),
        (f"select event_date, page_path, {_FIRST} {_EVENTS}", _EARLIER),
    ),
    "normalized.visitor_days": (
        ("event_date, visitor_id", "epoch_us(first_event_at)"),
        (f"select event_date, visitor_id, {_FIRST} {_EVENTS}", _EARLIER),
    ),
    "normalized.visitors": (
        ("visitor_id", "epoch_us(first_event_at)"),
        (f"select visitor_id, {_FIRST} {_EVENTS}", _EARLIER),
    ),
}
"""Tables to whose rows late lines are added, so that what was marked stays.

For each its key and the figure that is marked, then what all events say of it (`truth`) and what a row that
had a mark (`before`) should say.
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day-set with late events, duplicates in later files and conflicts."""
    return make_sample(tmp_path_factory.mktemp("sample"), events=4_000, days=2, seed=3)


def _home(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    root = tmp_path / name
    root.mkdir()
    monkeypatch.setenv("CLICKSTREAM_HOME", str(root))
    return Home(root)


def _watch_statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What dbt tells DuckDB from now on."""
    from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

    execute = DuckDBCursorWrapper.execute
    statements: list[str] = []

    def watched(self: Any, sql: str, bindings: Any = None) -> Any:
        statements.append(sql)
        return execute(self, sql, bindings)

    monkeypatch.setattr(DuckDBCursorWrapper, "execute", watched)
    return statements


def _require_parts(statements: Sequence[str], least: int) -> None:
    """Models that say so were made some dates at a time, and sessions of a date in parts: of so many each."""
    files = (PROJECT / "models").rglob("*.sql")
    models = {path.stem for path in files if "made_in_parts" in path.read_text("utf-8")}
    parts = dict.fromkeys(models, r"and \S+ between date '\S+' and date '\S+'")
    parts["session_days"] = r"and hash\(events\.session_id\) between \d+"
    for model, part in parts.items():
        made = [sql for sql in statements if re.search(rf"create .*\btable\s+\S*\b{model}__dbt_tmp", sql)]
        assert len(made) == 1, (model, made)
        assert len(set(re.findall(part, made[0]))) >= least, f"{model} was not made in {least} parts"


def test_three_increments_in_random_order_equal_one_load_and_the_full_refresh(
    tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one thread and four, sessions at once and in parts; every publication says what it moved."""
    # In a time zone in which local days are no UTC dates.
    zone = "Europe/Berlin"
    folder = project_with(tmp_path / "project", reporting_time_zone=zone)
    at_once = _home(tmp_path, "at_once", monkeypatch)
    monkeypatch.setenv("CLICKSTREAM_THREADS", "1")
    put(at_once, sample, all_files(sample))
    assert succeeded(run_with_shop(at_once, sample, monkeypatch, folder=folder))
    expected = read_fingerprint(at_once)
    assert read_restatements(at_once) == {}, "nothing was published before"

    stepwise = _home(tmp_path, "stepwise", monkeypatch)
    folder = project_with(tmp_path / "parts", reporting_time_zone=zone, events_at_once="700")
    monkeypatch.setenv("CLICKSTREAM_THREADS", "4")
    files = all_files(sample)
    random.Random(5).shuffle(files)
    for part in range(3):
        put(stepwise, sample, files[part::3])
        if part == 1:
            crash_before_the_switch(stepwise, sample, monkeypatch, folder)
        assert succeeded(run_with_shop(stepwise, sample, monkeypatch, folder=folder))
    assert read_fingerprint(stepwise) == expected
    restated = read_restatements(stepwise)
    assert restated == {**moved_figures(stepwise, 1, 2), **moved_figures(stepwise, 2, 3)}
    assert len({number for number, *_ in restated}) == 2
    for number in (2, 3):
        assert_causes(
            stepwise, number, ["new_lines"], [in_ledger(sample, file) for file in files[number - 1 :: 3]]
        )

    statements = _watch_statements(monkeypatch)
    assert succeeded(run_with_shop(stepwise, sample, monkeypatch, full_refresh=True, folder=folder))
    assert read_fingerprint(stepwise) == expected
    _require_parts(statements, least=3)
    assert read_restatements(stepwise) == restated, "nothing moved, and what was told stays"


def test_files_in_the_order_of_their_time_equal_the_full_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then dates grow by late lines, and what they count is added to the rows that are held; in parts."""
    sample = make_sample(tmp_path / "sample", events=4_000, days=4, seed=3)
    folder = project_with(tmp_path / "parts", events_at_once="700")
    home = _home(tmp_path, "in_time", monkeypatch)
    files = sorted(all_files(sample))
    half = len(files) // 2
    put(home, sample, files[:half])
    assert succeeded(run_with_shop(home, sample, monkeypatch, folder=folder))
    put(home, sample, files[half:])
    statements = _watch_statements(monkeypatch)
    assert succeeded(run_with_shop(home, sample, monkeypatch, folder=folder))
    _require_parts(statements, least=2)
    found = read_fingerprint(home)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        late = connection.execute(
            "select count(*) from (select event_date from normalized.event_date_arrivals "
            "group by event_date having count(distinct _dlt_load_id) > 1)"
        ).fetchone()
    assert late == (2,), "no late lines came to a date"
    assert succeeded(run_with_shop(home, sample, monkeypatch, full_refresh=True))
    assert read_fingerprint(home) == found


def test_a_second_run_changes_nothing_and_late_lines_touch_nothing_but_their_dates_and_sessions(
    tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = _home(tmp_path, "twice", monkeypatch)
    files = all_files(sample)
    late = next(file for file in files if file.suffix == ".jsonl")
    put(home, sample, [file for file in files[::3] if file != late])
    first = run_with_shop(home, sample, monkeypatch)
    assert first.publication is not None
    before = read_fingerprint(home)
    manifest = (home.published / "manifest.json").read_bytes()

    second = run_with_shop(home, sample, monkeypatch)

    assert succeeded(second)
    assert second.publication is None or second.publication.id == first.publication.id
    assert read_fingerprint(home) == before
    assert (home.published / "manifest.json").read_bytes() == manifest

    # Marks on every row: where one is left, the row was not built again.
    marked = tmp_path / "marked.duckdb"
    with duckdb.connect(str(home.warehouse)) as connection:
        for table, mark in MARKS.items():
            connection.execute(f"update {table} set {mark}")
        connection.execute(f"attach '{marked}' as marked")
        for number, (table, ((key, figure), _)) in enumerate(ADDED_TO.items()):
            only = "where view_count > 0" if table.startswith("marts") else ""
            connection.execute(
                f"create table marked.rows_{number} as select {key}, {figure} as before from {table} {only}"
            )
    put(home, sample, [late])
    third = run_with_shop(home, sample, monkeypatch)
    assert third.built is not None
    assert third.built.is_clean, third.built.failures
    assert "changed by hand" in str(third.refusal), "marks are no rows of a build: they are not published"
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        connection.execute(
            "create temp table late as select event_date, event_at, session_id "
            "from normalized.events where _source_file = ?",
            [in_ledger(sample, late)],
        )
        connection.execute(
            "create temp table late_visitors as select visitor_id, min(session_date) as since "
            "from marts.sessions where session_id in (select session_id from late) group by visitor_id"
        )
        for table, is_late, is_marked in REBUILT:
            rebuilt, kept = connection.execute(
                f"""
                select
                    list(distinct {is_marked}) filter ({is_late}),
                    list(distinct {is_marked}) filter (not ({is_late}))
                from {table}
                """
            ).fetchall()[0]
            assert (table, rebuilt, kept) == (table, [False], [True])
        connection.execute(f"attach '{marked}' as marked (read_only)")
        for number, (table, ((key, figure), (truth, expected))) in enumerate(ADDED_TO.items()):
            wrong, added = connection.execute(
                f"""
                select
                    count(*) filter (coalesce({figure} <> if(before is null, truth, {expected}), true)),
                    count(*) filter (before is null or {figure} <> before)
                from {table}
                full join ({truth}) as truth using ({key})
                left join marked.rows_{number} using ({key})
                where truth is not null or {figure} <> 0
                """
            ).fetchall()[0]
            assert (table, wrong) == (table, 0)
            assert added > 0, f"{table}: late lines added nothing"


def _run_with_page_views(home: Home, name: str, events: dict[str, dict[str, str]]) -> None:
    page_views(home, name, events)
    assert succeeded(run(home)), name


def test_a_late_line_without_session_joins_two_sessions_of_its_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a session away that its own does not name: the date is built whole."""
    home = _home(tmp_path, "joined", monkeypatch)
    who = {"user_id": "u1"}
    _run_with_page_views(home, "first", {"12:00": who, "12:40": who})
    _run_with_page_views(home, "late", {"12:20": who})
    counts = "select first_event_at::varchar, event_count from {} order by all"
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        for table in ("normalized.session_days", "normalized.sessions"):
            assert connection.execute(counts.format(table)).fetchall() == [("2026-01-05 12:00:00", 3)], table
    incremental = read_fingerprint(home)
    assert succeeded(run(home, full_refresh=True))
    assert read_fingerprint(home) == incremental


def test_a_line_whose_earlier_one_is_forgotten_brings_a_date_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The date is new, its line is not: its file was read before."""
    home = _home(tmp_path, "forgotten", monkeypatch)
    who = {"session_id": "s1", "user_id": "u1", "user_agent": "known"}
    again = {**who, "event_id": "12:00", "timestamp": "2026-01-07T13:00:00Z", "page": "/later"}
    page_views(home, "first", {"12:00": who})
    _run_with_page_views(home, "second", {"12:10": who, "13:00": again})
    forget_file(home, "data/inbox/events/first.jsonl")
    _run_with_page_views(home, "third", {"12:20": who})
    incremental = read_fingerprint(home)
    views = "select view_date::varchar, page_path, view_count from marts.daily_page_views order by all"
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        assert connection.execute(views).fetchall() == [("2026-01-05", "/", 2), ("2026-01-07", "/later", 1)]
    assert succeeded(run(home, full_refresh=True))
    assert read_fingerprint(home) == incremental


def test_a_late_line_with_a_new_user_agent_touches_its_session_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = _home(tmp_path, "agents", monkeypatch)
    _run_with_page_views(
        home, "first", {"12:00": {"session_id": "s1", "user_id": "u1", "user_agent": "known"}}
    )
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update normalized.session_days set landing_query = 'marked'")
    late = {
        "12:10": {"session_id": "s2", "user_id": "u2", "user_agent": "known"},
        "12:20": {"session_id": "s3", "user_id": "u3", "user_agent": "new"},
    }
    _run_with_page_views(home, "late", late)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select session_id, user_agent, landing_query from normalized.session_days order by session_id"
        ).fetchall()
    assert found == [("s1", "known", "marked"), ("s2", "known", None), ("s3", "new", None)]


def test_orders_that_come_later_touch_their_sessions_alone(
    tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = _home(tmp_path, "orders", monkeypatch)
    put(home, sample, all_files(sample))
    assert succeeded(run(home))
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update marts.sessions set exit_page = 'marked'")

    second = run_with_shop(home, sample, monkeypatch)

    assert second.built is not None
    assert second.built.is_clean
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        wrong = connection.execute(
            "select count(*), count(*) filter (order_count > 0) from marts.sessions "
            "where (order_count > 0) = (exit_page is not distinct from 'marked')"
        ).fetchone()
        assert wrong == (0, 0), "sessions with orders are built anew, no others"
        assert connection.execute("from marts.sessions where order_count > 0").fetchone()
    incremental = read_fingerprint(home)
    assert succeeded(run_with_shop(home, sample, monkeypatch, full_refresh=True))
    differing = {name for name, content in read_fingerprint(home).items() if content != incremental[name]}
    assert differing <= {"marts.sessions", "operations.date_figures"}, "but for the marks and their hashes"
