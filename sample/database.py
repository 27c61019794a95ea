"""The working database of one sample: its variables, its SQL files, its tables."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

from sample import rates, wording
from sample.catalogue import BROKEN_PRODUCT_ID, LEAF_CATEGORIES, MIDDLE_CATEGORIES, ROOT_CATEGORIES

SQL = Path(__file__).parent / "sql"

_ENUMS = {
    "session_trait": [*rates.SESSION_TRAITS, "none"],
    "event_trait": [*rates.EVENT_TRAITS, "none"],
    "event_action": ["page_view", "click", "search", "add_to_cart", "begin_checkout", "purchase"],
    "line_outcome": [
        "event",
        "duplicate",
        "blank",
        "invalid_utf8",
        "invalid_json",
        "missing_event_id",
        "invalid_timestamp",
        "missing_page",
        "event_id_conflict",
    ],
}


def _json_text(text: str, *, ascii_only: bool = False) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def _order_traits() -> list[str]:
    names = ["none"] * rates.ORDER_BLOCK
    for name, order_numbers in rates.ORDER_TRAITS.items():
        for number in order_numbers:
            names[number - 1] = name
    return names


def variables(*, events: int, days: int, start: date) -> dict[str, Any]:
    """What the SQL files read with `getvariable`."""
    first_day = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp()) * 1000
    return {
        "events": events,
        "days": days,
        # Sessions have five events on average; four would still do.
        "session_limit": events // 4 + 200,
        "user_count": max(200, events // rates.EVENTS_PER_USER),
        "first_day_ms": first_day,
        "second_day_ms": first_day + 86_400_000,
        "anonymous_sessions": rates.ANONYMOUS_SESSIONS,
        "product_count": rates.PRODUCT_COUNT,
        "category_count": ROOT_CATEGORIES + MIDDLE_CATEGORIES + LEAF_CATEGORIES,
        "first_product_id": rates.FIRST_PRODUCT_ID,
        "broken_product_id": BROKEN_PRODUCT_ID,
        "first_user_id": rates.FIRST_USER_ID,
        "first_order_id": rates.FIRST_ORDER_ID,
        "event_block": rates.EVENT_BLOCK,
        "session_block": rates.SESSION_BLOCK,
        "order_block": rates.ORDER_BLOCK,
        "event_traits": rates.spread(rates.EVENT_TRAITS, rates.EVENT_BLOCK),
        "session_traits": rates.spread(rates.SESSION_TRAITS, rates.SESSION_BLOCK),
        "order_traits": _order_traits(),
        "line_ends": ["\r\n" if hour in rates.CRLF_HOURS else "\n" for hour in range(24)],
        "hours": [hour for hour, weight in enumerate(rates.HOUR_WEIGHTS) for _ in range(weight)],
        "human_agents": wording.HUMAN_AGENTS,
        "bot_agents": wording.BOT_AGENTS,
        "search_terms": wording.SEARCH_TERMS,
        "search_urls": [quote(term, safe="") for term in wording.SEARCH_TERMS],
        "search_json": [_json_text(term) for term in wording.SEARCH_TERMS],
        "content_paths": wording.CONTENT_PAGES,
        "content_json": [_json_text(page) for page in wording.CONTENT_PAGES],
        "content_json_ascii": [_json_text(page, ascii_only=True) for page in wording.CONTENT_PAGES],
        "invalid_product_pages": wording.INVALID_PRODUCT_PAGES,
        "landings": [{"query": query, "referrer": referrer} for query, referrer in wording.LANDINGS],
        "click_elements": wording.CLICK_ELEMENTS,
        "languages": wording.LANGUAGES,
        "viewports": wording.VIEWPORTS,
    }


def set_variables(connection: duckdb.DuckDBPyConnection, values: dict[str, Any], seed: int) -> None:
    """Set the variables; each cursor needs this for itself."""
    for name, value in values.items():
        connection.execute(f"set variable {name} = ?", [value])
    connection.execute("set variable seed_base = hash(cast(? as ubigint))", [seed])


def run_sql(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run `sql/<name>.sql`."""
    connection.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def open_database(path: Path, events: int) -> duckdb.DuckDBPyConnection:
    """Open a new working database: bounded memory, nothing from the internet, UTC.

    10 M events fit into 1.5 GB; the truth of 30 M did not (distinct counts cannot go to the disk).
    """
    connection = duckdb.connect(str(path), config={"autoinstall_known_extensions": False})
    connection.execute(f"set memory_limit = '{max(1500, events // 7000)}MB'")
    connection.execute("set temp_directory = ?", [str(path.with_suffix(".spill"))])
    connection.execute("set TimeZone = 'UTC'")
    for name, members in _ENUMS.items():
        listed = ", ".join(f"'{member}'" for member in members)
        connection.execute(f"create type {name} as enum ({listed})")
    return connection
