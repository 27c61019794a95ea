"""dbt's events, without those that nobody reads.

dbt makes some thirty events of a node, and a message of each, whether a log or a callback wants it or not.
Imports dbt (seconds): import it where dbt is used.
"""

from __future__ import annotations

from typing import Any

from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager


class _WithoutDebug(EventManager):
    """Passes on events of level info and above; all where a log asks for debug (DBT_DEBUG)."""

    def fire_event(
        self,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,
        force_warn_or_error_handling: bool = False,
    ) -> None:
        is_debug = (level or e.level_tag()) == EventLevel.DEBUG
        if not is_debug or self._has_debug_log():
            super().fire_event(e, level, node, force_warn_or_error_handling)

    def _has_debug_log(self) -> bool:
        return any(logger.level == EventLevel.DEBUG for logger in self.loggers)


def _keep_arguments(event: DebugLevel, *args: Any, **kwargs: Any) -> None:
    """In place of an event's own `__init__`, which checks and copies what it is made of."""
    object.__setattr__(event, "_made_of", (args, kwargs))


def _make_when_read(event: DebugLevel, name: str) -> Any:
    """Attributes of an event that was not made yet: the first that is asked for makes it."""
    made_of = event.__dict__.pop("_made_of", None)
    if made_of is not None:
        super(DebugLevel, event).__init__(*made_of[0], **made_of[1])
    return super(DebugLevel, event).__getattr__(name)  # type: ignore[no-untyped-call]  # dbt has no type here


def leave_out_debug_events() -> None:
    """Have dbt's next commands in this process make no events and no messages that nobody reads."""
    ctx_set_event_manager(_WithoutDebug())
    DebugLevel.__init__ = _keep_arguments  # type: ignore[method-assign, assignment]  # replaced on purpose
    DebugLevel.__getattr__ = _make_when_read  # type: ignore[method-assign, assignment]  # as above
