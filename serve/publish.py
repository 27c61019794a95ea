"""Publish: copy the audited marts out of the warehouse, then switch readers to the copy in one step.

A publication is a folder under `publications/`; `published` is a link to the newest. A folder is written
under a hidden name, pushed to the disk, named, and only then linked, so a crash at any instant leaves the old
publication or the new one, whole. Readers that have the old files open keep them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from clickstream.errors import UserError
from clickstream.faults import next_step
from clickstream.settings import Home
from clickstream.warehouse import attach_read_only
from serve.contents import Contents, describe, has_size, is_intact, read_manifest, same_content
from serve.database import DATABASE, attached, write_database
from serve.files import is_unfinished, remove, seal, sha256, share, switch, sync, sync_folders
from serve.gate import Build, require_publishable
from serve.parquet import audit_parquet, parquet_path, write_parquet
from serve.tables import Partition, Table, published_tables, warehouse_partitions

KEPT_PUBLICATIONS = 3
"""Publications that stay on the disk with the current one: readers have two builds' time to move on."""

WRITERS = 2
"""Parquet files of a table written at once: DuckDB packs one of less than two row groups on one core."""

Progress = Callable[[str, int, int], None]
"""Told (table, partitions done, partitions in all), after each one that is written."""


@dataclass(frozen=True)
class Publication:
    """What readers now see. `is_new` is false when the published content was already this."""

    id: str
    path: Path
    is_new: bool
    build_id: str
    table_count: int
    row_count: int
    written_partitions: int
    shared_partitions: int


def publish(home: Home, manifest: Mapping[str, Any], *, on_progress: Progress | None = None) -> Publication:
    """Publish the warehouse's marts, if the last build allows it.

    Args:
        home: the environment; the caller holds its lock.
        manifest: dbt's manifest.json.
        on_progress: told about each partition that is written.

    Raises:
        UserError: the last build failed, was partial or is older than the rows; a written copy was found
            wrong; or the disk refused. The previous publication stays.
    """
    with attach_read_only(home) as connection:
        build = require_publishable(connection)
        contents = {
            table: warehouse_partitions(connection, table) for table in published_tables(connection, manifest)
        }
        previous = read_manifest(home.published)
        if previous and same_content(previous, contents) and is_intact(home.published, previous):
            return _publication(home, previous, build, is_new=False)
        remove(_leftovers(home))
        identity = _next_identity(home)
        draft = home.publications / f".writing-{identity}"
        try:
            manifest_out = _write(connection, home, build, contents, previous, draft, on_progress)
        except (OSError, duckdb.Error) as error:
            raise UserError(
                "Not published: the copy could not be written; the previous publication stays.",
                where=f"{draft}: {str(error).splitlines()[0]}",
                fix=next_step(str(error)) or "Repair the folder, then run `clickstream publish`.",
            ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    switch(home.published, home.publications / identity)
    remove(_finished(home)[:-KEPT_PUBLICATIONS])
    return _publication(home, manifest_out, build, is_new=True)


def _write(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    build: Build,
    contents: Contents,
    previous: Mapping[str, Any] | None,
    draft: Path,
    on_progress: Progress | None,
) -> dict[str, Any]:
    """Write a whole publication and give it its name; returns its manifest."""
    identity = draft.name.removeprefix(".writing-")
    draft.mkdir(parents=True)
    database = write_database(connection, contents, draft, previous=previous, published=home.published)
    # The checksum of a long history takes as long as the files of a day: both at once.
    with ThreadPoolExecutor(1) as pool, attached(connection, draft / DATABASE):
        checksum = pool.submit(sha256, draft / DATABASE)
        files = _write_partitions(connection, contents, draft, home.published, previous, on_progress)
        database["sha256"] = checksum.result()
    content = describe(connection, identity, datetime.now(UTC), build, contents, files, database)
    (draft / "manifest.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    seal(draft / "manifest.json")
    sync_folders(draft)
    draft.rename(home.publications / identity)
    sync(home.publications)
    return content


def _write_partitions(
    connection: duckdb.DuckDBPyConnection,
    contents: Contents,
    draft: Path,
    published: Path,
    previous: Mapping[str, Any] | None,
    on_progress: Progress | None,
) -> dict[str, dict[str, Any]]:
    """Write every partition's Parquet file, or share the published one when its rows are the same.

    Returns:
        Path → `bytes`, `sha256`, `written_in`.
    """
    known = {
        part["path"]: part for table in (previous or {}).get("tables", ()) for part in table["partitions"]
    }
    identity = draft.name.removeprefix(".writing-")

    def write(table: Table, partition: Partition) -> dict[str, Any]:
        path = draft / parquet_path(table, partition.value)
        with connection.cursor() as cursor:
            write_parquet(cursor, table, partition, path)
        return {"bytes": path.stat().st_size, "sha256": sha256(path), "written_in": identity}

    files: dict[str, dict[str, Any]] = {}
    for table, partitions in contents.items():
        fresh: list[Partition] = []
        for partition in partitions.values():
            path = parquet_path(table, partition.value)
            old, before = published / path, known.get(path)
            is_same = before is not None and before["content_hash"] == partition.content_hash
            if before and is_same and has_size(old, before["bytes"]):
                share(old, draft / path)
                files[path] = {name: before[name] for name in ("bytes", "sha256", "written_in")}
            else:
                fresh.append(partition)
        done = len(partitions) - len(fresh)
        with ThreadPoolExecutor(WRITERS) as pool:
            for partition, file in zip(fresh, pool.map(partial(write, table), fresh), strict=True):
                files[parquet_path(table, partition.value)] = file
                done += 1
                if on_progress:
                    on_progress(table.full_name, done, len(partitions))
        audit_parquet(connection, table, fresh, draft)
    return files


def _next_identity(home: Home) -> str:
    """A number that only grows (clocks do not), and the time for people."""
    number = max((int(folder.name.split("-")[0]) for folder in _finished(home)), default=0) + 1
    return f"{number:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def _finished(home: Home) -> list[Path]:
    """Whole publications, oldest first."""
    if not home.publications.is_dir():
        return []
    return sorted(folder for folder in home.publications.iterdir() if re.fullmatch(r"\d{6}-\w+", folder.name))


def _leftovers(home: Home) -> list[Path]:
    """What a killed publish left: half-written folders, and whole ones that were never linked."""
    if not home.publications.is_dir():
        return []
    unfinished = [folder for folder in home.publications.iterdir() if is_unfinished(folder)]
    if not home.published.exists():
        return unfinished
    current = home.published.resolve().name
    return unfinished + [folder for folder in _finished(home) if folder.name > current]


def _publication(home: Home, manifest: Mapping[str, Any], build: Build, *, is_new: bool) -> Publication:
    identity = manifest["publication"]
    parts = [part for table in manifest["tables"] for part in table["partitions"]]
    written = sum(part["written_in"] == identity for part in parts) if is_new else 0
    return Publication(
        id=identity,
        path=home.publications / identity,
        is_new=is_new,
        build_id=build.invocation_id,
        table_count=len(manifest["tables"]),
        row_count=sum(table["rows"] for table in manifest["tables"]),
        written_partitions=written,
        shared_partitions=len(parts) - written,
    )
