"""What dbt does once, not for each query and node: the results are as without it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from dbt_common.clients import agate_helper

from clickstream import dbt_shortcuts


def test_results_of_queries_have_the_types_they_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agate_helper, "build_type_tester", dbt_shortcuts._build)
    rows = [
        {"a": 1, "b": "null", "c": Decimal("1.5"), "d": date(2026, 1, 5), "e": None, "f": True},
        {"a": None, "b": "", "c": None, "d": None, "e": None, "f": False},
    ]
    names = list("abcdef")
    plain = agate_helper.table_from_data_flat(rows, names)
    dbt_shortcuts.take_shortcuts()
    for _ in range(2):
        kept = agate_helper.table_from_data_flat(rows, names)
        assert [tuple(row) for row in kept.rows] == [tuple(row) for row in plain.rows]
        assert [type(kind) for kind in kept.column_types] == [type(kind) for kind in plain.column_types]
    texts = agate_helper.table_from_data_flat([{"a": "5", "b": "null", "c": 1.5}], list("abc"))
    assert tuple(texts.rows[0]) == ("5", "null", Decimal("1.5"))
