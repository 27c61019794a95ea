"""A small warehouse as ingest and dbt would leave it, made with SQL, and the manifest that belongs to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from clickstream.settings import Home
from clickstream.warehouse import connect

DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")
LOADED_AT = datetime(2026, 1, 4, 1, 0, tzinfo=UTC)

TABLES = """
create schema raw_clickstream; create schema operations; create schema marts; create schema ingest;
create table raw_clickstream._dlt_loads (
    load_id varchar, schema_name varchar, status bigint, inserted_at timestamptz, schema_version_hash varchar
);
create table operations.builds (
    invocation_id varchar, command varchar, is_full boolean, started_at timestamp, finished_at timestamp,
    pass_count integer, warn_count integer, error_count integer, skip_count integer
);
create table operations.build_inputs (
    invocation_id varchar, kind varchar, source_schema varchar, input_name varchar
);
create table operations.node_results (
    invocation_id varchar, unique_id varchar, node_name varchar, resource_type varchar, status varchar,
    failure_count bigint, message varchar, relation_name varchar, execution_seconds double
);
create table marts.daily_product_page_views (
    view_date date, product_id bigint, view_count bigint, session_count bigint, visitor_count bigint
);
create table marts.categories (category_id bigint, name varchar);
insert into marts.categories values (1, 'shoes'), (2, 'it''s "odd"');
create table operations.event_accounting (
    source_name varchar, source_file varchar, line_count bigint, blank_count bigint,
    event_count bigint, duplicate_count bigint, quarantined_count bigint
);
insert into operations.event_accounting values
    ('clickstream', 'data/inbox/a.jsonl', 100, 1, 90, 5, 4),
    ('clickstream', 'data/inbox/b.jsonl', 50, 0, 50, 0, 0);
create table operations.quarantined_events (
    source_name varchar, source_file varchar, source_line bigint, reasons varchar[], payload varchar
);
insert into operations.quarantined_events values
    ('clickstream', 'data/inbox/a.jsonl', 7, ['malformed_json'], '{"event_id": "x'),
    ('clickstream', 'data/inbox/a.jsonl', 9, ['bad_timestamp', 'missing_page'], '{"timestamp": "yesterday"}'),
    ('clickstream', 'data/inbox/b.jsonl', 3, ['bad_timestamp'], '{"timestamp": "[red]"}');
"""


def create(home: Home) -> None:
    """A warehouse with one load, three days of page views and a clean full build."""
    with connect(home) as connection:
        connection.execute(TABLES)
        for day in DAYS:
            connection.execute(
                "insert into marts.daily_product_page_views "
                "select ?::date, i, (i * 7) % 31, i % 5, i % 3 from range(100) t(i) order by hash(i)",
                [day],
            )
    add_load(home, "1767488400.1", LOADED_AT)
    add_build(home, "build-1", started_at=LOADED_AT + timedelta(minutes=1))


def execute(home: Home, *statements: str) -> None:
    """Run SQL in the warehouse."""
    with connect(home) as connection:
        for statement in statements:
            connection.execute(statement)


def add_load(home: Home, load_id: str, inserted_at: datetime, status: int = 0) -> None:
    """Record a dlt load."""
    with connect(home) as connection:
        connection.execute(
            "insert into raw_clickstream._dlt_loads values (?, 'clickstream', ?, ?, 'hash')",
            [load_id, status, inserted_at],
        )


def add_build(
    home: Home,
    invocation_id: str,
    *,
    started_at: datetime,
    command: str = "build",
    is_full: bool = True,
    finished: bool = True,
    error_count: int = 0,
) -> None:
    """Record a dbt invocation."""
    moment = started_at.astimezone(UTC).replace(tzinfo=None)
    with connect(home) as connection:
        connection.execute(
            "insert into operations.builds values (?, ?, ?, ?, ?, 40, 1, ?, 0)",
            [invocation_id, command, is_full, moment, moment if finished else None, error_count],
        )
        connection.execute(
            "insert into operations.build_inputs "
            "select ?, 'load', 'raw_clickstream', load_id from raw_clickstream._dlt_loads where status = 0",
            [invocation_id],
        )


def add_failure(home: Home, invocation_id: str, name: str, rows: int, relation: str = "") -> None:
    """Record a failed test."""
    with connect(home) as connection:
        connection.execute(
            "insert into operations.node_results values (?, ?, ?, 'test', 'fail', ?, ?, ?, 0.1)",
            [invocation_id, f"test.{name}", name, rows, f"Got {rows} results", relation],
        )


def manifest() -> dict[str, Any]:
    """The dbt manifest that belongs to the tables of `create`."""
    nodes = [
        _model("marts", "daily_product_page_views", [], {"publish_by": "view_date"}),
        _model("marts", "categories", ["category_id"], {}),
        _model("operations", "event_accounting", ["source_name", "source_file"], {}),
        _model("operations", "quarantined_events", [], {"publish": False}),
        _model("staging", "stg_clickstream__events", [], {}),
    ]
    declared: dict[str, Any] = {f"model.clickstream.{node['name']}": node for node in nodes}
    declared["test.clickstream.primary_key_daily_product_page_views"] = {
        "resource_type": "test",
        "schema": "main",
        "attached_node": "model.clickstream.daily_product_page_views",
        "test_metadata": {"name": "primary_key", "kwargs": {"columns": ["view_date", "product_id"]}},
    }
    return {"nodes": declared, "sources": {}}


def _model(schema: str, name: str, key: list[str], meta: dict[str, Any]) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "schema": schema,
        "name": name,
        "alias": name,
        "description": f"What {name} holds; it's for people.",
        "original_file_path": f"models/{schema}/{name}.sql",
        "config": {"materialized": "table", "meta": meta},
        "columns": {key[0]: {"name": key[0], "description": "The key's first column."}} if key else {},
        "primary_key": key,
    }
