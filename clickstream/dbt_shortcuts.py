"""Work that dbt does again for each query and each node, done once.

What comes of it is the same (tests/python/test_dbt_shortcuts.py). Imports dbt (seconds): import it where dbt
is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from dbt_common.clients import agate_helper

_build = agate_helper.build_type_tester


@lru_cache(maxsize=256)
def _built(text_columns: frozenset[str], null_values: tuple[str, ...] | None) -> Any:
    return _build(text_columns, null_values)


def _build_once(text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")) -> Any:
    """The parsers of a query's values: dbt makes the same seven for each result."""
    return _built(frozenset(text_columns), None if string_null_values is None else tuple(string_null_values))


def take_shortcuts() -> None:
    """Have dbt's next commands in this process do so."""
    agate_helper.build_type_tester = _build_once
