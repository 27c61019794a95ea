"""Rules that change: a model whose SQL, macros or vars differ from those that made its rows is built anew.

An increment leaves old rows as they are; after a change they would keep the old rule, and increments would no
longer equal a full refresh. So the rules of each model are noted in the warehouse, and before a build the
incremental models that rest on changed ones are dropped: dbt then makes them anew, like models just added.
dbt by itself drops nothing, but its hooks note by which rules it builds (macros/hooks/record_rules.sql).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from clickstream.currency import is_ours
from clickstream.errors import UserError
from clickstream.settings import PROJECT, Home
from clickstream.warehouse import connect
from clickstream.wording import some_of
from serve.gate import has_table, require_publishable
from serve.tables import quote

FOLLOWED_VARS = frozenset({"event_sources"})
"""Vars whose change needs no rebuild: models find the rows of a new source by its arrivals."""

ARE_NOTED = "CLICKSTREAM_RULES_ARE_NOTED"
"""Set while dbt builds for `clickstream`: its hook need not note the rules."""

_CALL = re.compile(r"\b(\w+)\s*\(")
_DISPATCH = re.compile(r"""\bdispatch\(\s*['"](\w+)['"]""")
_VAR = re.compile(r"""\bvar\(\s*['"](\w+)['"]""")
_COMMENT = re.compile(r"^\s*--(?!\s*depends_on).*\n|(?s:\{#.*?#\})", re.M)


def model_rules(manifest: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, str]:
    """A hash of what makes each model's rows: its SQL, the project's macros it calls, vars, declared fields.

    Args:
        manifest: dbt's manifest.json.
        variables: the vars of dbt_project.yml.

    Returns:
        Unique id of the model → hash. Comments and white space do not count; neither do other models.
    """
    return {
        unique_id: _hash(manifest, node, variables)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }


def _hash(manifest: Mapping[str, Any], node: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
    strategy = f"get_incremental_{node['config'].get('incremental_strategy')}_sql()"
    texts = [node["raw_code"], *_macros(manifest, f"{node['raw_code']} {strategy}")]
    code = [" ".join(_COMMENT.sub("", text).split()) for text in texts]
    names = {name for text in code for name in _VAR.findall(text)} - FOLLOWED_VARS
    settings = {name: variables.get(name) for name in sorted(names)}
    fields = [_fields(manifest["sources"][name]) for name in _sources(node)]
    return hashlib.sha256(json.dumps([code, settings, fields], default=str).encode()).hexdigest()[:32]


def _macros(manifest: Mapping[str, Any], code: str) -> list[str]:
    """The project's own macros that code calls, and those that they call, by name.

    As written: what dbt notes as called depends on how far it got with a model.
    """
    project, engine = manifest["metadata"]["project_name"], manifest["metadata"]["adapter_type"]
    own = {
        macro["name"]: macro["macro_sql"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == project
    }
    found: dict[str, str] = {}
    waiting = [code]
    while waiting:
        text = waiting.pop()
        dispatched = {f"{engine}__{name}" for name in _DISPATCH.findall(text)}
        for name in ({*_CALL.findall(text)} | dispatched) & own.keys() - found.keys():
            found[name] = own[name]
            waiting.append(own[name])
    return [text for _, text in sorted(found.items())]


def _sources(node: Mapping[str, Any]) -> list[str]:
    """The raw tables whose fields a model parses: staging only; who else looks at them follows arrivals."""
    is_staging = node["name"].startswith("stg_")
    return sorted(name for name in node["depends_on"]["nodes"] if is_staging and name.startswith("source."))


def _fields(source: Mapping[str, Any]) -> list[Any]:
    """The declared fields of a raw table, with the names they may have."""
    return [
        [name, ((column.get("config") or {}).get("meta") or column.get("meta") or {}).get("accepts")]
        for name, column in source["columns"].items()
    ]


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
        is_rebuild: it made all rows anew.
        models: those that it may have built; None: any, as it did not come to its end.
    """

    rules: Mapping[str, str]
    is_rebuild: bool
    models: frozenset[str] | None


def _builds_by_dbt(connection: duckdb.DuckDBPyConnection) -> list[_BuildByDbt]:
    """Those builds, in their order."""
    if not has_table(connection, "operations", "build_rules"):
        return []
    rows = connection.execute(
        """
        select
            noted.rules_id,
            noted.content,
            coalesce(builds.is_full and builds.is_rebuild, false),
            case when builds.finished_at is not null then (
                select coalesce(list(results.unique_id), [])
                from operations.node_results as results
                where
                    results.invocation_id = noted.invocation_id
                    and results.resource_type = 'model'
                    and results.status <> 'skipped'
            ) end
        from operations.build_rules as noted
        left join operations.builds as builds on noted.invocation_id = builds.invocation_id
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
        _BuildByDbt(known[rules_id], is_rebuild, None if models is None else frozenset(models))
        for rules_id, _, is_rebuild, models in rows
    ]


def _rules_of_rows(
    connection: duckdb.DuckDBPyConnection, builds: Iterable[_BuildByDbt]
) -> dict[str, frozenset[str]]:
    """By which rules the rows of each model may have been made: those noted, and those of dbt by itself."""
    held = {model: frozenset([content]) for model, content in _noted(connection).items()}
    for build in builds:
        for model, content in build.rules.items():
            if build.is_rebuild:
                held[model] = frozenset([content])
            elif build.models is None or model in build.models:
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
