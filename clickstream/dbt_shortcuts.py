"""Work that dbt does again for each query and each node, done once.

What comes of it is the same (tests/python/test_dbt_shortcuts.py). Imports dbt (seconds): import it where dbt
is used.
"""

from __future__ import annotations

from collections.abc import Iterable, KeysView
from functools import lru_cache
from typing import Any

from dbt.context.macros import MacroNamespace
from dbt_common.clients import agate_helper

_build = agate_helper.build_type_tester


@lru_cache(maxsize=256)
def _built(text_columns: frozenset[str], null_values: tuple[str, ...] | None) -> Any:
    return _build(text_columns, null_values)


def _build_once(text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")) -> Any:
    """The parsers of a query's values: dbt makes the same seven for each result."""
    return _built(frozenset(text_columns), None if string_null_values is None else tuple(string_null_values))


def _flat(namespace: MacroNamespace) -> dict[str, Any]:
    """All macros that a node sees, by name. dbt looks for each of some thousand names in five places."""
    found: dict[str, Any] | None = namespace.__dict__.get("_flat")
    if found is None:
        found = {}
        for place in reversed(list(namespace._search_order())):
            found.update(place)
        namespace.__dict__["_flat"] = found
    return found


def _macro(namespace: MacroNamespace, name: str) -> Any:
    return _flat(namespace)[name]


def _names(namespace: MacroNamespace) -> KeysView[str]:
    return _flat(namespace).keys()


def take_shortcuts() -> None:
    """Have dbt's next commands in this process do so."""
    agate_helper.build_type_tester = _build_once
    MacroNamespace.__getitem__ = _macro
    MacroNamespace._keys = _names
