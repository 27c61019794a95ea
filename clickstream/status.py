"""Where things stand: loads, freshness, accounting, the last build and the last publication."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from clickstream.errors import UserError
from clickstream.settings import Home
from clickstream.warehouse import connect
from serve.contents import read_manifest
from serve.gate import failures, has_table, last_build, raw_schemas
from serve.tables import quote

ACCOUNTING_COLUMNS = ("line_count", "event_count", "duplicate_count", "quarantined_count", "blank_count")


def read_status(home: Home) -> dict[str, Any]:
    """Everything `clickstream status` knows, as plain values.

    Keys: `home`, `warehouse` (path, bytes, problem), `loads`, `files` (those with a problem), `freshness`,
    `accounting`, `build`, `publication`, `restatements` (what it changed in dates published before). A part
    that cannot be read is null; `warehouse.problem` says why.
    """
    size = home.warehouse.stat().st_size if home.warehouse.exists() else None
    status: dict[str, Any] = {
        "home": str(home.root),
        "warehouse": {"path": str(home.warehouse), "bytes": size, "problem": None},
        "loads": None,
        "files": None,
        "freshness": None,
        "accounting": None,
        "build": None,
        "publication": _publication(home),
        "restatements": None,
    }
    try:
        with connect(home, read_only=True) as connection:
            status["loads"] = _loads(connection)
            status["files"] = _problem_files(connection)
            status["freshness"] = _freshness(status["loads"], _source_rules(home), datetime.now(UTC))
            status["accounting"] = _accounting(connection)
            status["build"] = _build(connection)
            status["restatements"] = _restatements(connection, status["publication"])
    except UserError as error:
        status["warehouse"]["problem"] = str(error)
    return status


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _loads(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Per raw table: files and rows held, when rows last came, and how the last attempt went."""
    if not has_table(connection, "ingest", "arrivals") or not has_table(connection, "ingest", "load_runs"):
        return []
    complete = " union all ".join(
        f"select load_id from {quote(schema)}._dlt_loads where status = 0"
        for schema in raw_schemas(connection)
    )
    return _rows(
        connection,
        f"""
        with held as (
            select
                source_name, table_name, count(distinct source_file) as file_count,
                sum(record_count)::bigint as row_count, max(loaded_at)::timestamp as last_loaded_at
            from ingest.arrivals
            where load_id in ({complete or "''"})
            group by source_name, table_name
        ),

        attempts as (
            select source_name, table_name, status, finished_at::timestamp as last_tried_at, message
            from ingest.load_runs
            qualify row_number() over (partition by source_name, table_name order by started_at desc) = 1
        )

        select
            source_name, table_name,
            coalesce(file_count, 0) as file_count, coalesce(row_count, 0) as row_count,
            last_loaded_at, status, last_tried_at, message
        from attempts
        full join held using (source_name, table_name)
        order by source_name, table_name
        """,
    )


def _problem_files(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Files whose newest version was not loaded, or has changed since, each with its cause."""
    if not has_table(connection, "ingest", "files"):
        return []
    return _rows(
        connection,
        """
        select source_name, table_name, source_file, status, message
        from ingest.files
        qualify row_number() over (
            partition by source_name, table_name, source_file order by file_version desc
        ) = 1 and status in ('failed', 'changed')
        order by source_name, table_name, source_file
        """,
    )


def _source_rules(home: Home) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Freshness rules of the declared sources, by (source, table), from the last parsed manifest."""
    try:
        manifest = json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        (source["source_name"], source["name"]): source.get("freshness") or {}
        for source in manifest.get("sources", {}).values()
    }


def _freshness(
    loads: list[dict[str, Any]], rules: Mapping[tuple[str, str], Mapping[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Per table with a freshness rule: its age in seconds and whether that is `pass`, `warn` or `error`."""
    found = []
    for load in loads:
        rule = rules.get((load["source_name"], load["table_name"]), {})
        limits = {level: _limit(rule.get(f"{level}_after")) for level in ("error", "warn")}
        if load["last_loaded_at"] is None or not any(limits.values()):
            continue
        age = now - load["last_loaded_at"].replace(tzinfo=UTC)
        state = next((level for level, limit in limits.items() if limit and age > limit), "pass")
        found.append(
            {
                "source_name": load["source_name"],
                "table_name": load["table_name"],
                "age_seconds": round(age.total_seconds()),
                "state": state,
            }
        )
    return found


def _limit(rule: Mapping[str, Any] | None) -> timedelta | None:
    """A dbt freshness threshold: `{count: 1, period: hour}`."""
    if not rule or not rule.get("count"):
        return None
    return timedelta(**{f"{rule['period']}s": rule["count"]})


def _accounting(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Per event source: where its lines went."""
    if not has_table(connection, "operations", "event_accounting"):
        return []
    sums = ", ".join(f"sum({column})::bigint as {column}" for column in ACCOUNTING_COLUMNS)
    return _rows(
        connection,
        f"select source_name, count(*) as file_count, {sums} from operations.event_accounting "
        "group by source_name order by source_name",
    )


def _build(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    build = last_build(connection)
    if build is None:
        return None
    return {
        **asdict(build),
        "failures": [asdict(failure) for failure in failures(connection, build.invocation_id)],
        "warnings": [asdict(warning) for warning in failures(connection, build.invocation_id, warnings=True)],
    }


def _restatements(
    connection: duckdb.DuckDBPyConnection, publication: Mapping[str, Any] | None
) -> list[dict[str, Any]] | None:
    """Dates that the last publication restated, each with its reasons and the number of files concerned."""
    if publication is None or not has_table(connection, "operations", "restatements"):
        return None
    number = int(publication["publication"].split("-")[0])
    return _rows(
        connection,
        f"""
        select
            restated_date, max(source_file_count) as source_file_count,
            list_sort(list_distinct(flatten(list(reasons)))) as reasons
        from operations.restatements
        where publication_number = {number}
        group by restated_date
        order by restated_date
        """,
    )


def _publication(home: Home) -> dict[str, Any] | None:
    content = read_manifest(home.published)
    if content is None:
        return None
    return {
        "publication": content["publication"],
        "published_at": content["published_at"],
        "build": content["build"]["invocation_id"],
        "path": str(home.published),
        "bytes": content["database"]["bytes"] + sum(table["bytes"] for table in content["tables"]),
        "tables": {table["name"]: table["rows"] for table in content["tables"]},
    }
