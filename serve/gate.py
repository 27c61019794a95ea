"""May the warehouse be published? The rules of docs/architecture.md, and the builds they look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from clickstream.errors import UserError
from clickstream.wording import count_of


@dataclass(frozen=True)
class Build:
    """One dbt invocation that ran models, as dbt's hooks recorded it (times are UTC)."""

    invocation_id: str
    command: str
    is_full: bool
    started_at: datetime
    finished_at: datetime | None
    pass_count: int
    warn_count: int
    error_count: int
    skip_count: int


@dataclass(frozen=True)
class NodeFailure:
    """A model, seed or test that did not pass.

    `failure_count` is the number of offending rows of a test, null for a model that could not be built;
    `relation_name` is the table that keeps those rows, when dbt stored them; `query_file` the compiled SQL
    that finds them; `file` where the node is declared.
    """

    node_name: str
    resource_type: str
    status: str
    failure_count: int | None
    message: str | None
    relation_name: str | None
    query_file: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        rows = f": {count_of(self.failure_count, 'row')}" if self.failure_count else ""
        return f"{self.resource_type} {self.node_name} ({self.status}{rows})"


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether the current database has this table or view."""
    found = connection.execute(
        "select count(*) from information_schema.tables "
        "where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchone()
    return bool(found and found[0])


def last_build(connection: duckdb.DuckDBPyConnection) -> Build | None:
    """The last dbt invocation that ran a model, full or partial, finished or not; None before the first."""
    if not has_table(connection, "operations", "builds"):
        return None
    row = connection.execute(
        """
        select
            invocation_id, command, is_full, started_at::timestamp, finished_at::timestamp,
            coalesce(pass_count, 0), coalesce(warn_count, 0),
            coalesce(error_count, 0), coalesce(skip_count, 0)
        from operations.builds
        where
            command in ('build', 'run', 'retry')
            or invocation_id in (
                select invocation_id from operations.node_results where resource_type = 'model'
            )
        order by rowid desc  -- as written: a clock that was set back must not hide a newer build
        limit 1
        """
    ).fetchone()
    return Build(*row) if row else None


def failures(
    connection: duckdb.DuckDBPyConnection, invocation_id: str, *, warnings: bool = False
) -> list[NodeFailure]:
    """What failed in one invocation (with `warnings`: what only warned), by name; not what was skipped."""
    statuses = ["warn"] if warnings else ["error", "fail", "runtime error"]
    rows = connection.execute(
        "select node_name, resource_type, status, failure_count, message, "
        "case when resource_type = 'test' then nullif(relation_name, '') end "
        "from operations.node_results where invocation_id = ? and list_contains(?, status) "
        "order by resource_type, node_name",
        [invocation_id, statuses],
    ).fetchall()
    return [NodeFailure(*row) for row in rows]


def forgotten_after(connection: duckdb.DuckDBPyConnection, build: Build) -> list[str]:
    """Files whose rows were taken out of the raw tables since a build."""
    if not has_table(connection, "ingest", "files"):
        return []
    rows = connection.execute(
        "select source_file from ingest.files where status = 'forgotten' "
        "and source_file || ' ' || recorded_at not in (select unnest(?::varchar[])) order by source_file",
        [_inputs(connection, build, "forgotten", "ingest")],
    ).fetchall()
    return [file for (file,) in rows]


def loads_after(connection: duckdb.DuckDBPyConnection, build: Build) -> list[tuple[str, str]]:
    """Complete loads that a build did not find, as (source, load id): by name, as clocks are set back."""
    found: list[tuple[str, str]] = []
    for schema in raw_schemas(connection):
        rows = connection.execute(
            f'select load_id from "{schema}"._dlt_loads '
            "where status = 0 and load_id not in (select unnest(?::varchar[])) order by load_id",
            [_inputs(connection, build, "load", schema)],
        ).fetchall()
        found.extend((schema.removeprefix("raw_"), load_id) for (load_id,) in rows)
    return found


def _inputs(connection: duckdb.DuckDBPyConnection, build: Build, kind: str, schema: str) -> list[str]:
    """What a build found when it began (recorded by dbt's hooks)."""
    if not has_table(connection, "operations", "build_inputs"):
        return []
    rows = connection.execute(
        "select input_name from operations.build_inputs "
        "where invocation_id = ? and kind = ? and source_schema = ?",
        [build.invocation_id, kind, schema],
    ).fetchall()
    return [name for (name,) in rows]


def raw_schemas(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The schemas of the current database that dlt has loaded into."""
    rows = connection.execute(
        "select table_schema from information_schema.tables "
        "where table_catalog = current_database() and table_name = '_dlt_loads' "
        "and starts_with(table_schema, 'raw_') and not ends_with(table_schema, '_staging') "
        "order by table_schema"
    ).fetchall()
    return [schema for (schema,) in rows]


def require_publishable(connection: duckdb.DuckDBPyConnection) -> Build:
    """The build that may be published.

    Raises:
        UserError: nothing is built, the last build is incomplete, failed or partial, or rows came or went
            after it.
    """
    build = last_build(connection)
    if build is None:
        raise UserError(
            "Nothing can be published: nothing has been built yet.",
            where="operations.builds",
            fix="Run `clickstream build` (or `clickstream run`, which does all steps).",
        )
    where = (
        f"dbt {build.command} of {build.started_at:%Y-%m-%d %H:%M:%S} UTC, invocation {build.invocation_id}"
    )
    if build.finished_at is None:
        raise UserError(
            "Not published: the last build did not finish; the previous publication stays.",
            where=where,
            fix="Run `clickstream build` again.",
        )
    if build.error_count:
        failed = failures(connection, build.invocation_id)
        names = "".join(f"\n    {failure}" for failure in failed[:10])
        count = count_of(build.error_count, "check or model", "checks or models")
        more = f"\n    … and {len(failed) - 10} more" if len(failed) > 10 else ""
        raise UserError(
            f"Not published: {count} of the last build failed; the previous publication stays.{names}{more}",
            where=where,
            fix="Look at them with `clickstream status`, repair the data or the rule, then run again.",
        )
    if not build.is_full:
        raise UserError(
            "Not published: the last dbt command built only some models; the previous publication stays.",
            where=where,
            fix="Run `clickstream build`: it builds and tests all of them.",
        )
    newer = loads_after(connection, build)
    if newer:
        sources = ", ".join(sorted({source for source, _ in newer}))
        raise UserError(
            f"Not published: rows were loaded after the last build (sources: {sources}).",
            where=where,
            fix="Run `clickstream build`, then publish.",
        )
    forgotten = forgotten_after(connection, build)
    if forgotten:
        count = count_of(len(forgotten), "file was", "files were")
        raise UserError(
            f"Not published: {count} forgotten after the last build ({forgotten[0]}).",
            where=where,
            fix="Run `clickstream build`, then publish.",
        )
    return build
