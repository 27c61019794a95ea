"""By which rules a model makes its rows, as a hash of its SQL, macros, vars and declared fields."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

FOLLOWED_VARS = frozenset({"event_sources"})
"""Vars whose change needs no rebuild: models find the rows of a new source by its arrivals."""

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
