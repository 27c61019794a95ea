"""manifest.json of a publication: what it holds, from which build and which loads."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb

from clickstream.settings import PROJECT
from serve.gate import Build, raw_schemas
from serve.parquet import parquet_path
from serve.tables import Partition, Table

FORMAT = 1
Contents = dict[Table, dict[date | None, Partition]]


def read_manifest(publication: Path) -> dict[str, Any] | None:
    """The manifest.json of a publication (folder or link), None when there is none that can be read."""
    try:
        content: dict[str, Any] = json.loads((publication / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if content.get("format") == FORMAT else None


def is_intact(publication: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether every stated file is there in its stated size."""
    stated = [part for table in manifest["tables"] for part in table["partitions"]] + [manifest["database"]]
    return all(has_size(publication / file["path"], file["bytes"]) for file in stated)


def has_size(path: Path, size: int) -> bool:
    """Whether a file is there and has so many bytes."""
    return path.is_file() and path.stat().st_size == size


def same_content(manifest: Mapping[str, Any], contents: Contents) -> bool:
    """Whether a publication already holds exactly these tables."""
    published = [
        (_definition(table), {part["value"]: part["content_hash"] for part in table["partitions"]})
        for table in manifest["tables"]
    ]
    current = [
        (define(table), {text_of(part.value): part.content_hash for part in parts.values()})
        for table, parts in contents.items()
    ]
    return published == current


def describe(
    connection: duckdb.DuckDBPyConnection,
    identity: str,
    published_at: datetime,
    build: Build,
    contents: Contents,
    files: Mapping[str, Mapping[str, Any]],
    database: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest of a publication.

    Args:
        connection: its current database is the warehouse.
        identity: the publication's id.
        published_at: UTC.
        build: the dbt build it comes from.
        contents: its tables and their partitions.
        files: Parquet path → `bytes`, `sha256`, `written_in` (the publication that first wrote the file).
        database: the entry of the DuckDB file, from `write_database`.
    """
    return {
        "format": FORMAT,
        "publication": identity,
        "published_at": published_at.isoformat(timespec="seconds"),
        "build": {
            "invocation_id": build.invocation_id,
            "started_at": f"{build.started_at.isoformat(timespec='seconds')}+00:00",
            "pass_count": build.pass_count,
            "warn_count": build.warn_count,
        },
        "versions": {**_versions(), "commit": _commit()},
        "loads": _loads(connection),
        "database": dict(database),
        "tables": [_with_files(table, partitions, files) for table, partitions in contents.items()],
    }


def _with_files(
    table: Table,
    partitions: dict[date | None, Partition],
    files: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    parts = [
        {
            "value": text_of(part.value),
            "path": parquet_path(table, part.value),
            "rows": part.row_count,
            **files[parquet_path(table, part.value)],
            "content_hash": part.content_hash,
        }
        for part in partitions.values()
    ]
    return {
        **define(table),
        "rows": sum(part["rows"] for part in parts),
        "bytes": sum(part["bytes"] for part in parts),
        "partitions": parts,
    }


def define(table: Table) -> dict[str, Any]:
    """What the manifest says of a table besides its rows and files."""
    return {
        "name": table.full_name,
        "description": table.description,
        "primary_key": list(table.key),
        "partitioned_by": table.publish_by,
        "columns": [
            {"name": column.name, "type": column.data_type, "description": column.description}
            for column in table.columns
        ],
    }


def _definition(published: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in published.items() if key not in ("rows", "bytes", "partitions")}


def text_of(value: date | None) -> str | None:
    """A partition's value in the manifest: an ISO date, or null for a whole table."""
    return value.isoformat() if value is not None else None


def _loads(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Per source: how many complete loads, and the last one."""
    loads: dict[str, dict[str, Any]] = {}
    for schema in raw_schemas(connection):
        row = connection.execute(
            f'select count(*), max(load_id) from "{schema}"._dlt_loads where status = 0'
        ).fetchone()
        count, last = row or (0, None)
        loads[schema.removeprefix("raw_")] = {"load_count": count, "last_load_id": last}
    return loads


def _versions() -> dict[str, str]:
    packages = {"project": "clickstream-warehouse", "dbt": "dbt-core", "dlt": "dlt", "duckdb": "duckdb"}
    return {name: _version(package) for name, package in packages.items()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # The project runs from its folder, not installed.
        return "unknown"


def _commit() -> str | None:
    """The commit of the checkout, with `-dirty` when files differ from it; None outside git."""
    command = ["git", "-C", str(PROJECT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
