"""dbt's events: those that somebody reads arrive, the others are not even made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbt.adapters.events.types import SQLQuery
from dbt.events.types import NodeFinished
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.logger import LoggerConfig
from dbt_common.events.types import Note

from clickstream.dbt_events import leave_out_debug_events


@pytest.fixture
def seen() -> Iterator[list[str]]:
    """Names of the events that reach a callback, as dbtRunner's callbacks do."""
    before = get_event_manager()
    leave_out_debug_events()
    names: list[str] = []
    get_event_manager().add_callback(lambda message: names.append(message.info.name))
    yield names
    ctx_set_event_manager(before)


def test_debug_events_are_left_out_and_all_above_arrive(seen: list[str]) -> None:
    fire_event(Note(msg="wordy"), level=EventLevel.DEBUG)
    fire_event(NodeFinished())
    assert seen == []
    fire_event(Note(msg="to be read"), level=EventLevel.INFO)
    fire_event(Note(msg="wrong"), level=EventLevel.ERROR)
    assert seen == ["Note", "Note"]


def test_a_log_that_asks_for_debug_gets_all(seen: list[str], tmp_path: Path) -> None:
    log = tmp_path / "dbt.log"
    config = LoggerConfig(name="test_log", level=EventLevel.DEBUG, output_file_name=str(log))
    get_event_manager().add_logger(config)
    fire_event(Note(msg="wordy"), level=EventLevel.DEBUG)
    assert seen == ["Note"]
    assert "wordy" in log.read_text(encoding="utf-8")


def test_an_event_of_level_debug_is_made_when_it_is_read(seen: list[str]) -> None:
    event = SQLQuery(conn_name="model", sql="select 1")
    assert "pb_msg" not in event.__dict__
    assert event.message() == "On model: select 1"
    fire_event(SQLQuery(conn_name="model", sql="select 2"), level=EventLevel.WARN)
    assert seen == ["SQLQuery"]
    with pytest.raises(AttributeError, match="unknown"):
        event.unknown  # noqa: B018
