"""Rules that change: a model whose SQL, macros or vars differ from those that made its rows is built anew.

An increment leaves old rows as they are; after a change they would keep the old rule, and increments would no
longer equal a full refresh. So the rules of each model are noted in the warehouse, and before a build the
incremental models that rest on changed ones are dropped: dbt then makes them anew, like models just added.
dbt by itself drops nothing, but its hooks note by which rules it builds (macros/hooks/record_rules.sql).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from clickstream.currency import is_ours
from clickstream.errors import UserError
from clickstream.rules_hash import model_rules
from clickstream.settings import PROJECT, Home
from clickstream.warehouse import connect
from clickstream.wording import some_of
from serve.gate import has_table, require_publishable
from serve.tables import quote

ARE_NOTED = "CLICKSTREAM_RULES_ARE_NOTED"
"""Set while dbt builds for `clickstream`: its hook need not note the rules."""


def drop_outdated(home: Home, manifest: Mapping[str, Any], folder: Path = PROJECT) -> list[str]:
    """Drop the incremental models whose rows were made by other rules, and note the rules of all.

    All in one transaction: a process that dies leaves either the old rows with the old note, or neither.

    Args:
        home: the environment; the caller holds its lock.
        manifest: dbt's manifest.json.
        folder: the dbt project.

    Returns:
        The names of the dropped models.

    Raises:
        UserError: the warehouse is open in another process.
    """
    rules = _rules_of_project(manifest, folder)
    with connect(home) as connection:
        connection.begin()
        dropped = _drop(connection, manifest, rules)
        connection.commit()
    return dropped


@contextmanager
def rules_are_noted() -> Iterator[None]:
    """Tell dbt's hooks that the rules have been compared and noted (`drop_outdated`)."""
    os.environ[ARE_NOTED] = "true"
    try:
        yield
    finally:
        del os.environ[ARE_NOTED]


def require_known_rules(home: Home, manifest: Mapping[str, Any], folder: Path = PROJECT) -> None:
    """Refuse to publish what dbt by itself has built on rows of other rules, which it keeps as they are.

    A rule that was changed and changed back has left rows of both.

    Args:
        home: the environment.
        manifest: dbt's manifest.json.
        folder: the dbt project.

    Raises:
        UserError: as told, or the build may not be published in any case (serve/gate.py).
    """
    with connect(home, read_only=True) as connection:
        build = require_publishable(connection)
        if is_ours(home, build.invocation_id):
            return
        builds = _builds_by_dbt(connection)
        held = _rules_of_rows(connection, builds)
    rules = builds[-1].rules if builds else _rules_of_project(manifest, folder)
    outdated = [node["name"] for node in _outdated(manifest, held, rules)]
    if outdated:
        raise UserError(
            f"Not published: rules have changed, and dbt kept the rows made before ({some_of(outdated)}).",
            where=f"dbt {build.command}, invocation {build.invocation_id}",
            fix="Run `clickstream build`: it builds these models anew. Then publish.",
        )


def _rules_of_project(manifest: Mapping[str, Any], folder: Path) -> dict[str, str]:
    declared = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    return model_rules(manifest, declared.get("vars") or {})


def _noted(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    if not has_table(connection, "operations", "model_rules"):
        return {}
    return dict(connection.execute("select model_id, rules_hash from operations.model_rules").fetchall())


@dataclass(frozen=True)
class _BuildByDbt:
    """A build that dbt made by itself, after the rules were last noted.

    Args:
        rules: those that it went by, by model.
        made_anew: models all of whose rows it made.
        touched: models that it may have built; None: any, as it did not come to its end.
    """

    rules: Mapping[str, str]
    made_anew: frozenset[str]
    touched: frozenset[str] | None


def _builds_by_dbt(connection: duckdb.DuckDBPyConnection) -> list[_BuildByDbt]:
    """Those builds, in their order."""
    if not has_table(connection, "operations", "build_rules"):
        return []
    rows = connection.execute(
        """
        select
            noted.rules_id,
            any_value(noted.content),
            list(results.unique_id) filter (
                builds.is_full and builds.is_rebuild and results.status = 'success'
            ),
            list(results.unique_id) filter (results.status <> 'skipped'),
            bool_or(builds.finished_at is not null)
        from operations.build_rules as noted
        left join operations.builds as builds on noted.invocation_id = builds.invocation_id
        left join operations.node_results as results
            on noted.invocation_id = results.invocation_id and results.resource_type = 'model'
        group by noted.rowid, noted.rules_id
        order by noted.rowid
        """
    ).fetchall()
    known = {
        rules_id: model_rules(project, project["vars"])
        for rules_id, content, *_ in rows
        if content
        for project in [json.loads(content)]
    }
    return [
        _BuildByDbt(known[rules_id], frozenset(anew or ()), frozenset(touched or ()) if has_ended else None)
        for rules_id, _, anew, touched, has_ended in rows
    ]


def _rules_of_rows(
    connection: duckdb.DuckDBPyConnection, builds: Iterable[_BuildByDbt]
) -> dict[str, frozenset[str]]:
    """By which rules the rows of each model may have been made: those noted, and those of dbt by itself."""
    held = {model: frozenset([content]) for model, content in _noted(connection).items()}
    for build in builds:
        for model, content in build.rules.items():
            if model in build.made_anew:
                held[model] = frozenset([content])
            elif build.touched is None or model in build.touched:
                held[model] = held.get(model, frozenset()) | {content}
    return held


def _outdated(
    manifest: Mapping[str, Any], held: Mapping[str, frozenset[str]], rules: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    """The incremental models with rows of other rules than these, and those that rest on such, by id."""
    changed = {model for model, content in rules.items() if held.get(model, {content}) != {content}}
    nodes = [manifest["nodes"][model] for model in sorted(_followers(manifest, changed))]
    return [
        node
        for node in nodes
        if node["config"]["materialized"] == "incremental"
        and node["config"].get("full_refresh") is not False  # A history: its rows are not to be made anew.
    ]


def _drop(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], rules: Mapping[str, str]
) -> list[str]:
    connection.execute("create schema if not exists operations")
    connection.execute(
        "create table if not exists operations.model_rules "
        "(model_id varchar not null, rules_hash varchar not null)"
    )
    builds = _builds_by_dbt(connection)
    if not builds and _noted(connection) == rules:
        return []
    tables = {
        tuple(row)
        for row in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    }
    dropped = []
    for node in _outdated(manifest, _rules_of_rows(connection, builds), rules):
        schema, name = node["schema"], node.get("alias") or node["name"]
        if (schema, name) in tables:
            connection.execute(f"drop table {quote(schema)}.{quote(name)}")
            dropped.append(node["name"])
    for name in ("tested_dates", "tested_arrivals") if dropped else ():
        if ("operations", name) in tables:
            connection.execute(f"delete from operations.{name}")  # New rows, though of known dates.
    if builds:
        connection.execute("delete from operations.build_rules")
    connection.execute("delete from operations.model_rules")
    connection.executemany("insert into operations.model_rules values (?, ?)", sorted(rules.items()))
    return dropped


def _followers(manifest: Mapping[str, Any], models: Iterable[str]) -> Iterator[str]:
    """The models themselves, and all that read them, however far."""
    found: set[str] = set()
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model in found or manifest["nodes"].get(model, {}).get("resource_type") != "model":
            continue
        found.add(model)
        waiting += manifest["child_map"].get(model, [])
        yield model
