"""Macros made when they are asked for: what a node sees is what dbt would have made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.adapters.factory import load_plugin
from dbt.clients.jinja import MacroGenerator, get_rendered
from dbt.context.macros import MacroNamespaceBuilder
from dbt.context.manifest import ManifestContext
from dbt.exceptions import DuplicateMacroNameError

from clickstream import dbt_contexts
from clickstream.dbt_contexts import MadeWhenAsked, make_macros_when_asked


@dataclass
class Macro:
    """As much of dbt's as a context needs."""

    package_name: str
    name: str
    body: str = ""
    original_file_path: str = "macros/some.sql"

    @property
    def unique_id(self) -> str:
        return f"macro.{self.package_name}.{self.name}"

    @property
    def macro_sql(self) -> str:
        return f"{{% macro {self.name}() %}}{self.body or self.unique_id}{{% endmacro %}}"


def packages(**names: str) -> dict[str, dict[str, Any]]:
    """The macros of some packages, by package and name."""
    return {
        package: {name: Macro(package, name) for name in listed.split()} for package, listed in names.items()
    }


MACROS = packages(
    shop="of_shop everywhere ref_like var", more="of_more everywhere", dbt="of_dbt everywhere and_duckdb",
    dbt_duckdb="and_duckdb of_duckdb",
)  # fmt: skip


def context(package: str, macros: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """What a node of a package sees, by the way of making it that dbt has at present."""
    load_plugin("duckdb")
    config: Any = SimpleNamespace(
        to_target_dict=dict, cli_vars={}, project_name="shop", credentials=SimpleNamespace(type="duckdb")
    )
    manifest: Any = SimpleNamespace(get_macros_by_package=lambda: MACROS if macros is None else macros)
    seen: dict[str, Any] = ManifestContext(config, manifest, package).to_dict()
    return seen


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with dbt's own way."""
    monkeypatch.setattr(MacroNamespaceBuilder, "build_namespace", dbt_contexts._build_namespace)
    monkeypatch.setattr(ManifestContext, "_build_namespace", dbt_contexts._build_of_context)
    monkeypatch.setattr(ManifestContext, "to_dict", dbt_contexts._to_dict)


def told(value: Any) -> Any:
    """What can be compared of what a node sees."""
    if isinstance(value, MacroGenerator):
        return value.macro.unique_id
    if isinstance(value, Mapping) and "context" not in value:
        return {name: told(each) for name, each in value.items()}
    return type(value).__name__


@pytest.mark.parametrize("package", ["shop", "more", "dbt", "unknown"])
def test_a_node_sees_what_it_would_see(package: str) -> None:
    plain = context(package)
    make_macros_when_asked()
    seen = context(package)
    assert isinstance(seen, MadeWhenAsked)
    for name in ("of_shop", "everywhere", "of_dbt", "shop", "more", "dbt", "var", "target", "nothing"):
        assert (name in seen) == (name in plain)
        assert told(seen.get(name)) == told(plain.get(name))
    with pytest.raises(KeyError, match="nothing"):
        seen["nothing"]
    left_out = ("context", "builtins")  # They hold the rest.
    assert {name: told(each) for name, each in seen.items() if name not in left_out} == {
        name: told(each) for name, each in plain.items() if name not in left_out
    }
    assert len(seen) == len(plain)
    assert list(seen.keys()) == list(seen)
    assert len(seen.values()) == len(seen)
    assert bool(seen)
    assert seen["context"] is seen
    assert seen["everywhere"].context is seen


def test_a_macro_is_made_once_and_a_macro_of_the_project_hides_what_dbt_calls_so() -> None:
    make_macros_when_asked()
    seen = context("shop")
    assert dict.get(seen, "of_dbt") is None
    assert seen["of_dbt"] is seen["of_dbt"]
    assert told(seen["var"]) == "macro.shop.var"
    assert get_rendered("{{ of_dbt() }}, {{ dbt.everywhere() }}, {{ more.everywhere() }}", seen) == (
        "macro.dbt.of_dbt, macro.dbt.everywhere, macro.more.everywhere"
    )
    assert get_rendered("{{ everywhere() }}", seen, native=True) == "macro.shop.everywhere"
    seen["more"]["everywhere"] = seen["dbt"]["of_dbt"] = "another"  # As unit tests put others in their place.
    assert seen["more"]["everywhere"] == seen["dbt"].get("of_dbt") == "another"
    assert seen["more"].copy() == {**seen["more"], "everywhere": "another"}


def test_a_project_that_changes_in_the_same_process_is_seen_as_it_is() -> None:
    make_macros_when_asked()
    assert "of_shop" in context("shop")
    changed = packages(shop="renamed", dbt="of_dbt", dbt_duckdb="of_duckdb")
    seen = context("shop", changed)
    assert "of_shop" not in seen
    assert told(seen["renamed"]) == "macro.shop.renamed"
    changed["shop"]["renamed"] = Macro("shop", "renamed", "with another body")
    assert get_rendered("{{ renamed() }}", context("shop", changed)) == "with another body"
    twice = {"one": {"a": Macro("shop", "a")}, "two": {"a": Macro("shop", "a")}}
    with pytest.raises(DuplicateMacroNameError):
        context("shop", twice)
