"""Which builds may be published."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fake_warehouse import LOADED_AT, add_build, add_failure, add_load, create, execute, manifest

from clickstream.errors import UserError
from clickstream.settings import Home
from serve.publish import publish

LATER = LOADED_AT + timedelta(hours=1)


@pytest.fixture
def built(home: Home) -> Home:
    create(home)
    publish(home, manifest())
    execute(home, "insert into marts.categories values (3, 'hats')")
    return home


def refusal(home: Home) -> str:
    before = home.published.readlink()
    with pytest.raises(UserError) as told:
        publish(home, manifest())
    assert home.published.readlink() == before, "the last good publication must stay"
    return str(told.value)


def test_nothing_built(home: Home) -> None:
    create(home)
    execute(home, "delete from operations.builds")
    with pytest.raises(UserError, match="nothing has been built yet"):
        publish(home, manifest())


def test_failed_build_names_its_tests_and_rows(built: Home) -> None:
    add_build(built, "build-2", started_at=LATER, error_count=2)
    add_failure(built, "build-2", "not_null_events_event_id", 1234)
    add_failure(built, "build-2", "assert_accounting", 7)
    text = refusal(built)
    assert "2 checks or models of the last build failed" in text
    assert "test not_null_events_event_id (fail: 1,234 rows)" in text
    assert "test assert_accounting (fail: 7 rows)" in text
    assert "the previous publication stays" in text


def test_long_lists_of_failures_are_cut(built: Home) -> None:
    add_build(built, "build-2", started_at=LATER, error_count=12)
    for number in range(12):
        add_failure(built, "build-2", f"test_{number:02d}", 1)
    text = refusal(built)
    assert "test_09" in text
    assert "test_10" not in text
    assert "… and 2 more" in text


def test_unfinished_build(built: Home) -> None:
    add_build(built, "build-2", started_at=LATER, finished=False)
    assert "did not finish" in refusal(built)


@pytest.mark.parametrize("command", ["build", "run"])
def test_partial_build(built: Home, command: str) -> None:
    add_build(built, "build-2", started_at=LATER, command=command, is_full=False)
    assert "built only some models" in refusal(built)


def test_rows_loaded_after_the_build(built: Home) -> None:
    add_load(built, "1767499999.9", LATER)
    text = refusal(built)
    assert "rows were loaded after the last build" in text
    assert "clickstream" in text


def test_a_file_forgotten_after_the_build(built: Home) -> None:
    execute(
        built,
        "create table ingest.files (source_file varchar, status varchar, recorded_at timestamp)",
        "insert into ingest.files "
        f"values ('data/inbox/a.jsonl', 'forgotten', timestamp '{LATER:%Y-%m-%d %H:%M}')",
    )
    assert "1 file was forgotten after the last build (data/inbox/a.jsonl)" in refusal(built)


def test_rows_loaded_after_the_build_by_a_clock_that_was_set_back(built: Home) -> None:
    add_load(built, "1667499999.9", LOADED_AT - timedelta(days=1))
    assert "rows were loaded after the last build" in refusal(built)


def test_a_failed_build_counts_though_its_clock_was_set_back(built: Home) -> None:
    add_build(built, "build-2", started_at=LOADED_AT - timedelta(days=1), error_count=1)
    assert "1 check or model of the last build failed" in refusal(built)


def test_an_incomplete_load_does_not_count(built: Home) -> None:
    add_load(built, "1767499999.9", LATER, status=1)
    assert publish(built, manifest()).is_new


def test_dbt_commands_that_build_no_model_do_not_matter(built: Home) -> None:
    add_build(built, "only-tests", started_at=LATER, command="test", is_full=False, finished=False)
    assert publish(built, manifest()).is_new


def test_a_clean_full_build_after_a_failed_one_is_published(built: Home) -> None:
    add_build(built, "build-2", started_at=LATER, error_count=1)
    add_build(built, "build-3", started_at=LATER + timedelta(hours=1))
    assert publish(built, manifest()).build_id == "build-3"
