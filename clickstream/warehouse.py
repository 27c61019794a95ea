"""Connections to the warehouse, with the settings that profiles.yml states for dbt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import jinja2
import yaml

from clickstream.errors import UserError
from clickstream.settings import PROJECT, Home


def read_profile(home: Home) -> dict[str, Any]:
    """The output of profiles.yml that dbt builds into, as it stands for this home and environment."""

    def env_var(name: str, default: str = "") -> str:
        return str(home.root) if name == "CLICKSTREAM_HOME" else os.environ.get(name, default)

    text = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    profile = yaml.safe_load(jinja2.Template(text).render(env_var=env_var))["clickstream"]
    output: dict[str, Any] = profile["outputs"][profile["target"]]
    return output


def connect(home: Home, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the warehouse.

    Raises:
        UserError: the file is locked by another process, is no DuckDB file, or (read only) does not exist.
    """
    profile = read_profile(home)
    with _told(home, read_only):
        home.state.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            str(home.warehouse), read_only=read_only, config={**profile["config_options"]}
        )
    _apply(connection, profile)
    return connection


def attach_read_only(home: Home) -> duckdb.DuckDBPyConnection:
    """An in-memory database from which the warehouse can be read and other files can be written.

    The warehouse is the current database; other read-only connections to it may be open.

    Raises:
        UserError: as `connect`.
    """
    profile = read_profile(home)
    connection = duckdb.connect(config={**profile["config_options"]})
    _apply(connection, profile)
    path = str(home.warehouse).replace("'", "''")
    with _told(home, read_only=True):
        home.state.mkdir(parents=True, exist_ok=True)
        connection.execute(f"attach '{path}' as warehouse (read_only)")
    connection.execute("use warehouse")
    return connection


def _apply(connection: duckdb.DuckDBPyConnection, profile: dict[str, Any]) -> None:
    for name, value in profile["settings"].items():
        try:
            connection.execute(f"set {name} = ?", [value])
        except duckdb.Error as error:
            raise UserError(
                f"DuckDB refuses the setting {name} = {value}: {str(error).splitlines()[0]}",
                where="profiles.yml (memory_limit: the environment variable CLICKSTREAM_MEMORY_LIMIT)",
                fix="Correct it, such as CLICKSTREAM_MEMORY_LIMIT=4GB.",
            ) from error
    if threads := os.environ.get("CLICKSTREAM_THREADS"):
        if not threads.isdecimal() or int(threads) < 1:
            raise UserError(
                "The number of threads must be a whole number from 1.",
                where=f"CLICKSTREAM_THREADS={threads}",
                fix="Correct the variable or unset it: DuckDB then uses every core.",
            )
        connection.execute(f"set threads = {int(threads)}")


@contextmanager
def _told(home: Home, read_only: bool) -> Iterator[None]:
    """Say what DuckDB's errors on opening mean."""
    if read_only and not home.warehouse.exists():
        raise UserError(
            "There is no warehouse yet.",
            where=str(home.warehouse),
            fix="Run `clickstream run`, or set CLICKSTREAM_HOME to the folder that holds one.",
        )
    try:
        yield
    except OSError as error:
        raise UserError(
            "The home cannot be written.",
            where=f"{home.root}: {error.strerror or error}",
            fix="Set CLICKSTREAM_HOME to a folder that you may write.",
        ) from error
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise UserError(
                "The warehouse is open in another process.",
                where=f"{home.warehouse}: {str(error).splitlines()[0]}",
                fix="Close that notebook, IDE or run, then try again; "
                "readers should open published/clickstream.duckdb, which is never locked.",
            ) from error
        raise UserError(
            "The warehouse cannot be opened.",
            where=f"{home.warehouse}: {str(error).splitlines()[0]}",
            fix="Check that the folder exists, is writable and that the file is a DuckDB database.",
        ) from error
