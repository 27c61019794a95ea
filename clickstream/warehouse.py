"""Connections to the warehouse, with the settings that profiles.yml states for dbt."""

from __future__ import annotations

import os
from typing import Any

import duckdb
import jinja2
import yaml

from clickstream.errors import UserError
from clickstream.settings import PROJECT, Home


def _profile(home: Home) -> dict[str, Any]:
    def env_var(name: str, default: str = "") -> str:
        return str(home.root) if name == "CLICKSTREAM_HOME" else os.environ.get(name, default)

    text = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    profile = yaml.safe_load(jinja2.Template(text).render(env_var=env_var))["clickstream"]
    output: dict[str, Any] = profile["outputs"][profile["target"]]
    return output


def connect(home: Home, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the warehouse.

    Raises:
        UserError: the file is locked by another process, or is no DuckDB file.
    """
    profile = _profile(home)
    home.state.mkdir(parents=True, exist_ok=True)
    config = {**profile["config_options"]}
    try:
        connection = duckdb.connect(str(home.warehouse), read_only=read_only, config=config)
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
    for name, value in profile["settings"].items():
        connection.execute(f"set {name} = ?", [value])
    return connection
