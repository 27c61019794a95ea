"""Metrics of the semantic layer, asked through MetricFlow as `mf query` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from clickstream.settings import PROJECT

Rows = list[tuple[Any, ...]]


@contextmanager
def metric_queries(folder: Path) -> Iterator[Callable[[list[str], list[str]], Rows]]:
    """A function that queries metrics by dimensions; the warehouse is that of CLICKSTREAM_HOME.

    Args:
        folder: a dbt project with `target/semantic_manifest.json`.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    configuration = CLIConfiguration()
    configuration.setup(PROJECT, folder, configure_file_logging=False)

    def query(metrics: list[str], group_by: list[str]) -> Rows:
        asked = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by)
        table = configuration.mf.query(asked).result_df
        assert table is not None
        names = [str(name) for name in table.column_names]
        positions = [names.index(name) for name in [*group_by, *metrics]]
        return _sorted([row[position] for position in positions] for row in table.rows)

    try:
        yield query
    finally:
        configuration.dbt_artifacts.adapter.cleanup_connections()
        DuckDBConnectionManager.close_all_connections()


def rounded(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """Rows of a query as `metric_queries` gives them: sorted, six digits, dates as text, null as 0."""
    return _sorted(connection.execute(query).fetchall())


def _sorted(rows: Iterable[Sequence[Any]]) -> Rows:
    return sorted(tuple(_plain(value) for value in row) for row in rows)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | float | Decimal):
        return round(float(value or 0), 6)
    return str(value)[:10] if hasattr(value, "year") else value
