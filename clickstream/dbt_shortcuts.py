"""Work that dbt does again for each query and each node, done once, or not at all where nobody needs it.

What is built is the same (tests/python/test_dbt_shortcuts.py). Imports dbt (seconds): import it where dbt
is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from dbt.artifacts.resources.base import GraphResource
from dbt.compilation import Linker
from dbt.config import IsFQNResource
from dbt_common.clients import agate_helper

_build = agate_helper.build_type_tester
_empty_table = agate_helper.empty_table


@lru_cache(maxsize=256)
def _built(text_columns: frozenset[str], null_values: tuple[str, ...] | None) -> Any:
    return _build(text_columns, null_values)


def _build_once(text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")) -> Any:
    """The parsers of a query's values: dbt makes the same seven for each result."""
    return _built(frozenset(text_columns), None if string_null_values is None else tuple(string_null_values))


_empty_once = lru_cache(maxsize=1)(_empty_table)
"""What a statement without a result gives: dbt makes it each time, with parsers for dates."""


def take_shortcuts() -> None:
    """Have dbt's next commands in this process do so."""
    agate_helper.build_type_tester = _build_once
    agate_helper.empty_table = _empty_once
    # graph_summary.json is for who looks for a fault of dbt's; for it, all nodes are written out twice.
    Linker.get_graph_summary = lambda *_: {}
    # For the vars of each node dbt asks whether it has a name of parts: those that have one say so.
    vars_of: Any = IsFQNResource
    vars_of.register(GraphResource)
