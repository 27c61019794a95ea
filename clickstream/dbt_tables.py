"""dbt's tables of query results, made without what is the same for all of them.

For the result of each query dbt makes the same seven parsers of values anew: a twentieth of a small build.
Imports dbt (seconds): import it where dbt is used.
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
    return _built(frozenset(text_columns), None if string_null_values is None else tuple(string_null_values))


def keep_type_testers() -> None:
    """Have dbt's next commands in this process take the parsers of values that an earlier query had."""
    agate_helper.build_type_tester = _build_once
