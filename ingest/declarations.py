"""Source declarations: the `config.meta.ingest` blocks of dbt's source YAML, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clickstream.errors import UserError
from ingest.names import snake_case

LINE_KINDS = ("jsonl", "lines")
FILE_KINDS = (*LINE_KINDS, "csv", "parquet")
DOCUMENT_KINDS = (*LINE_KINDS, "rest_api")

_FILES: dict[str, tuple[str, ...]] = {
    "path": ("text or a list of texts",),
    "compression": ("auto", "none", "gzip", "zstd"),
}
_LIVE: dict[str, tuple[str, ...]] = {"live_seconds": ("a number of seconds, 0 or more",)}
SETTINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "jsonl": {**_FILES, **_LIVE},
    "lines": {**_FILES, **_LIVE},
    "csv": {
        **_FILES,
        **_LIVE,
        "delimiter": ("one character",),
        "quote": ("one character, or '' for none",),
        "header": ("true", "false"),
        "encoding": ("utf-8", "latin-1", "cp1252", "utf-16"),
        "skip": ("a number of lines, 0 or more",),
    },
    "parquet": {"path": _FILES["path"]},
    "rest_api": {"client": ("a mapping",), "resource": ("a mapping",), "resource_defaults": ("a mapping",)},
}
"""Per kind, the settings and what each may hold."""

_REQUIRED = dict.fromkeys(FILE_KINDS, ("path",)) | {"rest_api": ("client", "resource")}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class SourceTable:
    """One table of a dbt source that ingest fills.

    Args:
        columns: declared column names with their `data_type` (None where YAML gives none).
        yaml_path: the file of the declaration, for messages.
    """

    source_name: str
    table_name: str
    schema: str
    identifier: str
    kind: str
    settings: Mapping[str, Any]
    columns: tuple[tuple[str, str | None], ...] = ()
    yaml_path: str = ""
    key: tuple[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.source_name, self.table_name))

    @property
    def relation(self) -> str:
        """The quoted name of the raw table."""
        return f'"{self.schema}"."{self.identifier}"'

    @property
    def paths(self) -> tuple[str, ...]:
        """The path patterns of a file source, as declared."""
        path = self.settings["path"]
        return tuple(part for part in ([path] if isinstance(path, str) else path) if part)


def read_declarations(manifest: Mapping[str, Any]) -> list[SourceTable]:
    """The tables that ingest fills, in the order of their names.

    Args:
        manifest: dbt's manifest.json.

    Raises:
        UserError: an unknown kind or setting, a missing or ill-typed value, a secret in YAML.
    """
    nodes: Mapping[str, Any] = manifest.get("sources", {})
    tables = [table for node in nodes.values() if (table := _read_node(node)) is not None]
    schemas: dict[str, SourceTable] = {}
    for table in tables:
        first = schemas.setdefault(table.source_name, table)
        if first.schema != table.schema:
            raise UserError(
                f"Source {table.source_name} uses two schemas: {first.schema} and {table.schema}.",
                where=table.yaml_path,
                fix="Give all tables of one source the same schema.",
            )
    return sorted(tables, key=lambda table: table.key)


def _read_node(node: Mapping[str, Any]) -> SourceTable | None:
    config_meta = (node.get("config") or {}).get("meta") or {}
    block = config_meta.get("ingest", (node.get("meta") or {}).get("ingest"))
    if block is None:
        return None
    source, name = str(node["source_name"]), str(node["name"])
    where = f"{node.get('original_file_path', '')}: {source}.{name}, config.meta.ingest"
    if not isinstance(block, Mapping):
        fix = "Write `ingest: {kind: …, path: …}`."
        raise UserError("The ingest block is no mapping.", where=where, fix=fix)
    settings = {key: value for key, value in block.items() if key != "kind"}
    _check(block.get("kind"), settings, where)
    for label, text in (("source", source), ("table", name)):
        if not _NAME.fullmatch(text):
            raise UserError(
                f"The {label} name {text!r} is no plain name.",
                where=where,
                fix="Use letters, digits and underscores.",
            )
    columns = node.get("columns") or {}
    return SourceTable(
        source_name=source,
        table_name=name,
        schema=str(node.get("schema") or f"raw_{source}"),
        identifier=str(node.get("identifier") or name),
        kind=block["kind"],
        settings=settings,
        columns=tuple((str(c["name"]), c.get("data_type")) for c in columns.values()),
        yaml_path=str(node.get("original_file_path", "")),
    )


def _check(kind: object, settings: Mapping[str, Any], where: str) -> None:
    if kind not in SETTINGS:
        raise UserError(
            f"Unknown kind {kind!r}." if kind is not None else "The kind is missing.",
            where=f"{where}.kind",
            fix=f"Use one of: {', '.join(SETTINGS)}.",
        )
    allowed = SETTINGS[str(kind)]
    for key in settings:
        if key not in allowed:
            raise UserError(
                f"Unknown setting {key!r} of kind {kind}.",
                where=f"{where}.{key}",
                fix=f"Use some of: {', '.join(allowed)}.",
            )
    for key in _REQUIRED[str(kind)]:
        if key not in settings:
            raise UserError(f"The setting {key!r} is missing.", where=where, fix=f"Add {key}: …")
    for key, value in settings.items():
        if not _fits(key, value, allowed[key]):
            raise UserError(
                f"The setting {key!r} cannot be {value!r}.",
                where=f"{where}.{key}",
                fix=f"Allowed: {', '.join(allowed[key])}.",
            )
    if kind == "rest_api":
        _refuse_secrets(settings, where)


def _fits(key: str, value: object, allowed: tuple[str, ...]) -> bool:
    match key:
        case "path":
            paths = [value] if isinstance(value, str) else value
            return isinstance(paths, list) and all(isinstance(path, str) for path in paths)
        case "live_seconds" | "skip":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
        case "header":
            return isinstance(value, bool)
        case "delimiter":
            return isinstance(value, str) and len(value) == 1 and value.isascii() and value not in "\r\n"
        case "quote":
            return isinstance(value, str) and (not value or _fits("delimiter", value, allowed))
        case "client" | "resource" | "resource_defaults":
            return isinstance(value, Mapping)
        case _:
            return value in allowed


_SECRET = re.compile(r"(^|_)(token|password|secret|api_key|access_key|private_key|credentials)$")


def _refuse_secrets(settings: Mapping[str, Any], where: str) -> None:
    def walk(value: object, path: str, in_auth: bool) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                secret = bool(_SECRET.search(snake_case(str(key)))) or (in_auth and key in ("api_key", "key"))
                if str(key).lower() == "authorization" or (secret and isinstance(inner, str) and inner):
                    raise UserError(
                        "A secret stands in YAML.",
                        where=f"{where}.{path}{key}",
                        fix="Take it out; dlt reads it from the environment or .dlt/secrets.toml "
                        "(see docs, 'rest_api').",
                    )
                walk(inner, f"{path}{key}.", in_auth or key == "auth")
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                walk(inner, f"{path}{number}.", in_auth)

    walk(settings, "", False)
