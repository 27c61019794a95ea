"""Tell browser, operating system and device from a user agent, as SQL functions for dbt.

profiles.yml names this module as a dbt-duckdb plugin. ua-parser is imported when the first user agent is
parsed: a build without new user agents does not pay for it.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

PARSER = "ua-parser-builtins"
"""The package with ua-parser's rules; its version is that of the rules (year and month)."""

RESULT = "struct(browser varchar, browser_version varchar, os varchar, device varchar, is_spider boolean)"


def parse_user_agent(user_agent: str) -> dict[str, str | bool | None]:
    """What ua-parser knows of a user agent; None where it knows nothing.

    `browser_version` is the major version, `device` the family ("iPhone"), `is_spider` the library's word
    for bots.
    """
    result = import_module("ua_parser").parse(user_agent)
    browser, system, device = result.user_agent, result.os, result.device
    return {
        "browser": browser and browser.family,
        "browser_version": browser and browser.major,
        "os": system and system.family,
        "device": device and device.family,
        "is_spider": device is not None and device.family == "Spider",
    }


def user_agent_parser_version() -> str:
    """Name and version of the rules: with another version, all user agents are parsed again."""
    return f"{PARSER} {metadata.version(PARSER)}"


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt-duckdb has no types
    """Makes the functions known to DuckDB."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register `parse_user_agent(varchar)` and `user_agent_parser_version()`."""
        text: Any = "varchar"
        conn.create_function("parse_user_agent", parse_user_agent, [text], duckdb.type(RESULT))
        conn.create_function("user_agent_parser_version", user_agent_parser_version, [], text)
