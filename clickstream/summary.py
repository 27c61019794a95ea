"""What a run tells at its end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from rich.console import Console

from clickstream.console import output, table, text
from clickstream.settings import Home
from clickstream.status import read_status
from clickstream.status_view import megabytes, show_accounting, text_lines
from clickstream.warehouse import connect
from serve.gate import NodeFailure, has_table
from serve.write import DATABASE

if TYPE_CHECKING:
    from clickstream.dbt_runner import BuildReport
    from clickstream.pipeline import Outcome
    from serve.publish import Publication

TOP_PRODUCTS = 5
SHOWN_WARNINGS = 10
MART = "marts.daily_product_page_views"


def show_outcome(home: Home, outcome: Outcome) -> None:
    """Print the summary of `clickstream run`."""
    console = output()
    if outcome.is_current:
        failed = show_failed_sources(console, home)
        seconds = sum(outcome.seconds.values())
        console.print(
            f"[green]Nothing new[/green]{' from the other sources' if failed else ''} ({seconds:.1f} s)."
        )
        console.print(f"Published: {text(home.published)}")
        return
    show_loads(console, home)
    if outcome.built:
        show_accounting(console, read_status(home)["accounting"])
        _show_build(console, home, outcome.built)
    if outcome.refusal:
        console.print(f"\n[red]{text_lines(str(outcome.refusal))}[/red]")
    if outcome.publication:
        _show_top_products(console, home)
        _show_publication(console, home, outcome.publication)
    elif home.published.exists():
        console.print("\n[red]Not published.[/red] Readers keep the last good publication.")
    else:
        console.print("\n[red]Not published.[/red] There is no earlier publication.")
    laps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in outcome.seconds.items())
    console.print(f"\nTook {sum(outcome.seconds.values()):.1f} s: {laps}")


def show_loads(console: Console, home: Home) -> bool:
    """Print what the last ingest run did per table; true when a source failed."""
    runs = _last_load_runs(home)
    console.print("\n[bold]Loaded[/bold]")
    if not runs:
        console.print("Nothing: no source is declared.")
        return False
    numbers = ("files", "rows", "rejected", "size")
    shown = table("table", "outcome", *numbers, numbers=numbers)
    for run in runs:
        color = "red" if run["status"] == "failed" else "green"
        shown.add_row(
            text(f"{run['source_name']}.{run['table_name']}"),
            f"[{color}]{run['status'].replace('_', ' ')}[/{color}]",
            f"{run['file_count']:,}",
            f"{run['row_count']:,}",
            f"{run['rejected_count']:,}",
            megabytes(run["byte_count"]),
        )
    console.print(shown)
    return _show_load_messages(console, runs)


def show_failed_sources(console: Console, home: Home) -> bool:
    """Print only the sources that failed in the last ingest run; true when there are some."""
    return _show_load_messages(console, _last_load_runs(home))


def show_built(home: Home, built: BuildReport) -> None:
    """Print the summary of `clickstream build`."""
    _show_build(output(), home, built)


def show_published(home: Home, publication: Publication) -> None:
    """Print the summary of `clickstream publish`."""
    _show_publication(output(), home, publication)


def _last_load_runs(home: Home) -> list[dict[str, Any]]:
    with connect(home, read_only=True) as connection:
        if not has_table(connection, "ingest", "load_runs"):
            return []
        cursor = connection.execute(
            "select source_name, table_name, status, file_count, row_count, rejected_count, byte_count, "
            "message from ingest.load_runs "
            "where run_id = (select run_id from ingest.load_runs order by started_at desc limit 1) "
            "order by source_name, table_name"
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _show_load_messages(console: Console, runs: Sequence[dict[str, Any]]) -> bool:
    for run in runs:
        if run["message"]:
            color = "red" if run["status"] == "failed" else "yellow"
            console.print(
                f"[{color}]{text(run['source_name'])}.{text(run['table_name'])}[/{color}]: ", end=""
            )
            console.print(text_lines(run["message"]))
    return any(run["status"] == "failed" for run in runs)


def _show_build(console: Console, home: Home, built: BuildReport) -> None:
    counts = ", ".join(
        f"{built.counts.get(kind, 0)} {label}"
        for kind, label in (
            ("built", "models built"),
            ("passed", "tests passed"),
            ("warned", "warned"),
            ("failed", "failed"),
            ("skipped", "skipped"),
        )
    )
    color = "green" if built.is_clean else "red"
    console.print(f"\n[bold]Build[/bold]  [{color}]{counts}[/{color}]")
    if built.problem:
        console.print(f"[red]dbt stopped: {text_lines(built.problem)}[/red]")
    for failure in built.failures:
        _show_failure(console, home, failure, "red")
    for warning in built.warnings[:SHOWN_WARNINGS]:
        _show_failure(console, home, warning, "yellow")
    if not built.is_clean:
        console.print(f"dbt's own log: {text(home.display(home.state / 'logs' / 'dbt.log'))}")


def _show_failure(console: Console, home: Home, failure: NodeFailure, color: str) -> None:
    """Which node, why, on how many rows, and how to look at them."""
    console.print(f"  [{color}]{text(failure)}[/{color}]  {text(failure.file or '')}")
    if failure.message:
        console.print(f"      {text(failure.message.splitlines()[-1])}")
    if failure.relation_name:
        console.print(f"      look: select * from {text(failure.relation_name)}  (in {text(home.warehouse)})")
    elif failure.query_file:
        console.print(f"      look: the rows are found by {text(failure.query_file)}")


def _show_top_products(console: Console, home: Home) -> None:
    path = home.published / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        if not has_table(connection, *MART.split(".")):
            return
        rows = connection.execute(
            f"select view_date, product_id, view_count, session_count, visitor_count from {MART} "
            f"where view_date = (select max(view_date) from {MART}) "
            "order by view_count desc, product_id limit ?",
            [TOP_PRODUCTS],
        ).fetchall()
    if not rows:
        return
    console.print(f"\n[bold]Most viewed products of {rows[0][0]}[/bold] (UTC)")
    names = ("views", "sessions", "visitors")
    shown = table("product", *names, numbers=names)
    for _, product, *counts in rows:
        shown.add_row(text(product), *(f"{count:,}" for count in counts))
    console.print(shown)


def _show_publication(console: Console, home: Home, publication: Publication) -> None:
    if not publication.is_new:
        console.print(f"\n[bold]Published[/bold]  nothing changed since {text(publication.id)}")
        return
    console.print(
        f"\n[bold]Published[/bold]  [green]{text(publication.id)}[/green]: {publication.table_count} tables, "
        f"{publication.row_count:,} rows; {publication.written_partitions} Parquet files written, "
        f"{publication.shared_partitions} unchanged"
    )
    console.print(f"  {text(home.published / DATABASE)}  and  parquet/, manifest.json beside it. Look at it:")
    console.print(f"  {text(look_command(home.published / DATABASE))}", soft_wrap=True)


def look_command(database: Path) -> str:
    """A shell line that prints the seed mart, with the Python that runs this."""
    path = Path(sys.executable)
    return (
        f'{path} -c "import duckdb; '
        f"duckdb.connect('{database}', read_only=True).sql('from {MART} order by all desc').show()\""
    )
