"""Read the current publication: a consistent view per request, one set of queries for page and export."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from clickstream.errors import UserError
from clickstream.settings import Home
from serve.contents import read_manifest
from serve.database import DATABASE
from serve.parquet import literal

QUERIES = Path(__file__).parent / "queries"
MEMORY_LIMIT = "1GB"  # As for the pipeline; CLICKSTREAM_MEMORY_LIMIT changes both.

Row = dict[str, Any]


@cache
def query_text(name: str) -> str:
    """The SQL of a query, from queries/<name>.sql."""
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Publication:
    """One publication, opened. It stays readable, and as it is, when a newer one takes its place."""

    id: str
    folder: Path
    manifest: Mapping[str, Any]
    connection: duckdb.DuckDBPyConnection

    def rows(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a query; of `parameters` it takes those it names. Safe from any thread.

        Raises:
            UserError: the publication has not the tables or columns of this version of the project.
        """
        text = query_text(name)
        named = set(re.findall(r"\$(\w+)", _without_comments(text)))
        values = {key: value for key, value in (parameters or {}).items() if key in named}
        with self.connection.cursor() as cursor:
            try:
                cursor.execute("use publication")
                cursor.execute(text, values or None)
            except (duckdb.CatalogException, duckdb.BinderException) as error:
                raise UserError(
                    "The publication was made by another version of the project.",
                    where=f"{self.folder}: {str(error).splitlines()[0]}",
                    fix="Run `clickstream run`; after a change of columns with --full-refresh.",
                ) from error
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _without_comments(text: str) -> str:
    return "\n".join(line.split("--")[0] for line in text.splitlines())


class Reader:
    """Follows the link `published`: each call of `current` sees the newest publication, opened once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._current: Publication | None = None

    def current(self) -> Publication | None:
        """The newest publication; None when nothing has been published yet.

        Raises:
            UserError: what `published` points at cannot be read.
        """
        with self._lock:
            # Resolved once: manifest and database come from one folder, whatever happens to the link.
            folder = Path(os.path.realpath(self._home.published))
            if self._current is not None and self._current.folder == folder:
                return self._current
            self._current = _open(folder)
            return self._current


def _open(folder: Path) -> Publication | None:
    if not folder.exists():
        return None
    manifest = read_manifest(folder)
    if manifest is None:
        raise UserError(
            "The publication has no manifest that can be read.",
            where=str(folder / "manifest.json"),
            fix="Run `clickstream publish`.",
        )
    # A database of its own, so that its settings are not those of others who read the same file.
    connection = duckdb.connect()
    try:
        connection.execute("set memory_limit = ?", [os.environ.get("CLICKSTREAM_MEMORY_LIMIT", MEMORY_LIMIT)])
        connection.execute("set temp_directory = ''")
        connection.execute(f"attach {literal(folder / DATABASE)} as publication (read_only)")
        connection.execute("set enable_external_access = false")
    except duckdb.Error as error:
        raise UserError(
            "The published database cannot be opened.",
            where=f"{folder / DATABASE}: {str(error).splitlines()[0]}",
            fix="Run `clickstream publish`; it writes a damaged publication anew.",
        ) from error
    return Publication(manifest["publication"], folder, manifest, connection)
