"""What a run tells at its end."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from rich.console import Console

from clickstream.console import output, show, table, text
from clickstream.faults import next_step, without_advice
from clickstream.settings import Home
from clickstream.status import read_status
from clickstream.status_view import megabytes, show_accounting, text_lines
from clickstream.wording import count_of
from serve.database import DATABASE
from serve.gate import NodeFailure, has_table

if TYPE_CHECKING:
    from clickstream.dbt_runner import BuildReport
    from clickstream.pipeline import Outcome
    from ingest.forgetting import Forgotten
    from ingest.report import IngestReport
    from serve.publish import Publication

TOP_PRODUCTS = 5
SHOWN_PROBLEMS = 10
MART = "marts.daily_product_page_views"


def show_outcome(home: Home, outcome: Outcome) -> None:
    """Print the summary of `clickstream run`."""
    console = output()
    if outcome.is_current:
        _show_nothing_new(console, home, outcome)
        return
    if outcome.ingested:
        show_loads(console, outcome.ingested)
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


def show_loads(console: Console, report: IngestReport) -> None:
    """Print what one run of ingest did, table by table."""
    console.print("\n[bold]Loaded[/bold]")
    if not report.tables:
        console.print("Nothing: no source declares what to load.")
        return
    numbers = ("files", "rows", "rejected", "copies", "size")
    shown = table("table", "outcome", *numbers, numbers=numbers)
    for loaded in report.tables:
        color = "red" if loaded.failures else "green"
        shown.add_row(
            text(loaded.name),
            f"[{color}]{loaded.status.replace('_', ' ')}[/{color}]",
            *(f"{count:,}" for count in (loaded.file_count, loaded.row_count, loaded.rejected_count)),
            f"{loaded.twin_count:,}",
            megabytes(loaded.byte_count),
        )
    show(console, shown)
    _show_load_problems(console, report)


def _show_nothing_new(console: Console, home: Home, outcome: Outcome) -> None:
    if outcome.ingested:
        _show_load_problems(console, outcome.ingested)
    elsewhere = "" if outcome.exit_code == 0 else " from the other sources"
    seconds = sum(outcome.seconds.values())
    console.print(f"[green]Nothing new[/green]{elsewhere} ({seconds:.1f} s).")
    console.print(f"Published: {text(home.published)}")


def _show_load_problems(console: Console, report: IngestReport) -> None:
    """Files and sources that failed, each with its cause; then what waits or is worth knowing."""
    for loaded in report.tables:
        for failed in loaded.failures[:SHOWN_PROBLEMS]:
            which = "" if failed.source_file == loaded.name else f" {text(failed.source_file)}"
            console.print(f"[red]{text(loaded.name)}[/red]{which}: {text_lines(failed.message)}")
        if len(loaded.failures) > SHOWN_PROBLEMS:
            console.print(f"  … and {len(loaded.failures) - SHOWN_PROBLEMS} more of {text(loaded.name)}")
        if loaded.waiting:
            console.print(
                f"[yellow]{text(loaded.name)}[/yellow]: the last line of "
                f"{count_of(len(loaded.waiting), 'file')} waits for its end: "
                f"{text(', '.join(loaded.waiting[:3]))}"
            )
        if loaded.message and not loaded.failures:
            console.print(f"[yellow]{text(loaded.name)}[/yellow]: {text_lines(loaded.message)}")


def show_forgotten(forgotten: Forgotten) -> None:
    """Print the summary of `clickstream forget-file`."""
    console = output()
    if not forgotten.tables:
        console.print(f"{text(forgotten.source_file)} was forgotten before.")
        return
    console.print(
        f"Forgot {text(forgotten.source_file)}: {count_of(forgotten.row_count, 'row')} and "
        f"{count_of(forgotten.rejected_count, 'rejected record')} taken out of "
        f"{text(', '.join(forgotten.tables))}."
    )
    for copy in forgotten.copies:
        console.print(f"  {text(copy)} holds the same lines and is loaded by the next run.")
    console.print("Run `clickstream run` to bring models and publication up to date.")


def show_built(home: Home, built: BuildReport) -> None:
    """Print the summary of `clickstream build`."""
    _show_build(output(), home, built)


def show_published(home: Home, publication: Publication) -> None:
    """Print the summary of `clickstream publish`."""
    _show_publication(output(), home, publication)


def _show_build(console: Console, home: Home, built: BuildReport) -> None:
    counts = ", ".join(
        count_of(built.counts.get(kind, 0), *label)
        for kind, label in (
            ("built", ("model built", "models built")),
            ("passed", ("test passed", "tests passed")),
            ("warned", ("warned", "warned")),
            ("failed", ("failed", "failed")),
            ("skipped", ("skipped", "skipped")),
        )
    )
    color = "green" if built.is_clean else "red"
    console.print(f"\n[bold]Build[/bold]  [{color}]{counts}[/{color}]")
    if built.problem:
        console.print(f"[red]dbt stopped: {text_lines(without_advice(built.problem).strip())}[/red]")
        if step := next_step(built.problem):
            console.print(f"  to do: {step}")
    for failure in built.failures:
        _show_failure(console, home, failure, "red")
    for warning in built.warnings[:SHOWN_PROBLEMS]:
        _show_failure(console, home, warning, "yellow")
    if not built.is_clean:
        console.print(f"dbt's own log: {text(home.display(home.state / 'logs' / 'dbt.log'))}")


def _show_failure(console: Console, home: Home, failure: NodeFailure, color: str) -> None:
    """Which node, why, on how many rows, and how to look at them."""
    console.print(f"  [{color}]{text(failure)}[/{color}]  {text(failure.file or '')}")
    if failure.message and not failure.failure_count:  # dbt's message about rows only repeats their count.
        console.print(f"      {text(_telling(failure.message))}")
        if step := next_step(failure.message):
            console.print(f"      to do: {step}")
    if failure.relation_name:
        console.print(
            f"      look: {text(look_command(home.warehouse, f'from {failure.relation_name}'))}",
        )
    elif failure.query_file:
        console.print(f"      look: {text(look_command(home.warehouse, file=failure.query_file))}")


def _telling(message: str) -> str:
    """The line of dbt's message that holds the error; dbt's own words stand around it."""
    lines = [line.strip() for line in without_advice(message).splitlines() if line.strip()]
    lines = lines[:1] + [line for line in lines[1:] if not line.startswith("> ")]
    return next((line for line in lines[1:] if "Error: " in line), lines[-1])


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
    show(console, shown)


def _show_publication(console: Console, home: Home, publication: Publication) -> None:
    if not publication.is_new:
        console.print(f"\n[bold]Published[/bold]  nothing changed since {text(publication.id)}")
        return
    console.print(
        f"\n[bold]Published[/bold]  [green]{text(publication.id)}[/green]: "
        f"{count_of(publication.table_count, 'table')}, {count_of(publication.row_count, 'row')}; "
        f"{count_of(publication.written_partitions, 'Parquet file')} written, "
        f"{publication.shared_partitions} unchanged"
    )
    console.print(f"  {text(home.published / DATABASE)}  and  parquet/, manifest.json beside it. Look at it:")
    console.print(f"  {text(look_command(home.published / DATABASE, f'from {MART} order by all desc'))}")


def look_command(database: Path, sql: str = "", *, file: str = "") -> str:
    """A shell line, for the current folder, that prints the answer to `sql` or to the SQL in `file`."""
    query = f"open({json.dumps(_short(Path(file)))}).read()" if file else json.dumps(sql)
    connection = f"duckdb.connect({json.dumps(_short(database))}, read_only=True)"
    program = f"import duckdb; {connection}.sql({query}).show()"
    return f"{shlex.quote(_short(Path(sys.executable)))} -c {shlex.quote(program)}"


def _short(path: Path) -> str:
    """A path as seen from the current folder, where it lies under it; the folder may be gone meanwhile."""
    try:
        here = Path.cwd()
    except OSError:
        return str(path)
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
