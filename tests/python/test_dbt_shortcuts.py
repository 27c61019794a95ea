"""What dbt does once, not for each query and node: the results are as without it."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dbt.artifacts.resources.base import GraphResource
from dbt.compilation import Linker
from dbt.config import IsFQNResource
from dbt.contracts.graph.nodes import Macro, ModelNode
from dbt_common.clients import agate_helper

from clickstream import dbt_shortcuts


def test_a_statement_without_a_result_has_the_empty_table_it_would_have() -> None:
    helper: Any = agate_helper
    plain: Any = cast("Any", dbt_shortcuts._empty_table)()
    dbt_shortcuts.take_shortcuts()
    kept = helper.empty_table()
    assert kept is helper.empty_table()
    assert (len(kept.rows), kept.column_names, kept.column_types) == (0, plain.column_names, ())
    with pytest.raises(TypeError):
        kept.rows[0] = 1


def test_nodes_have_names_of_parts_and_macros_have_none() -> None:
    dbt_shortcuts.take_shortcuts()
    named = dict.fromkeys(("fqn", "resource_type", "package_name"))
    assert isinstance(SimpleNamespace(**named), IsFQNResource), (
        "what is no class of dbt's is looked at, as before"
    )
    assert not isinstance(SimpleNamespace(resource_type=None, package_name=None), IsFQNResource)
    assert {"fqn", "resource_type", "package_name"} <= {each.name for each in fields(GraphResource)}
    assert isinstance(GraphResource(*[None] * 7), IsFQNResource)
    assert issubclass(ModelNode, GraphResource)
    assert not issubclass(Macro, GraphResource)


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


def test_nodes_are_not_written_out_for_a_summary_that_nobody_reads() -> None:
    dbt_shortcuts.take_shortcuts()
    assert Linker().get_graph_summary(cast("Any", None)) == {}
