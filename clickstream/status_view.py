"""`clickstream status` as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Console

from clickstream.console import show, table, text
from clickstream.wording import count_of, duration, some_of

SHOWN_FILES = 10
SHOWN_DATES = 5
COLORS = {"pass": "green", "loaded": "green", "nothing_new": "green", "warn": "yellow"}


def show_status(console: Console, status: Mapping[str, Any]) -> None:
    """Print what `read_status` found."""
    warehouse = status["warehouse"]
    size = f", {megabytes(warehouse['bytes'])}" if warehouse["bytes"] is not None else ""
    console.print(f"[bold]Home[/bold]  {text(status['home'])}  (warehouse.duckdb{size})")
    if warehouse["problem"]:
        console.print(f"[yellow]{text_lines(warehouse['problem'])}[/yellow]")
    _show_loads(console, status["loads"], status["freshness"])
    _show_problem_files(console, status["files"])
    show_accounting(console, status["accounting"])
    _show_build(console, status["build"])
    _show_publication(console, status["publication"])
    _show_restatements(console, status["restatements"])


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e6:,.1f} MB"


def text_lines(value: str) -> str:
    """Text of several lines, free of markup."""
    return "\n".join(text(line) for line in value.splitlines())


def _show_loads(
    console: Console, loads: list[dict[str, Any]] | None, freshness: list[dict[str, Any]] | None
) -> None:
    if loads is None:
        return
    console.print("\n[bold]Loads[/bold]")
    if not loads:
        console.print("Nothing has been loaded yet: run `clickstream run`.")
        return
    states = {(fresh["source_name"], fresh["table_name"]): fresh for fresh in freshness or []}
    shown = table(
        "table",
        "files",
        "rows",
        "last rows (UTC)",
        "freshness",
        "last attempt",
        "",
        numbers=("files", "rows"),
    )
    for load in loads:
        fresh = states.get((load["source_name"], load["table_name"]))
        age = f"{fresh['state']}, {duration(fresh['age_seconds'])} old" if fresh else ""
        shown.add_row(
            text(f"{load['source_name']}.{load['table_name']}"),
            f"{load['file_count']:,}",
            f"{load['row_count']:,}",
            moment(load["last_loaded_at"]),
            _colored(age, fresh["state"] if fresh else "pass"),
            _colored(load["status"] or "", load["status"] or ""),
            text(load["message"] or ""),
        )
    show(console, shown)


def _show_problem_files(console: Console, files: list[dict[str, Any]] | None) -> None:
    for file in (files or [])[:SHOWN_FILES]:
        console.print(
            f"  [red]{file['status']}[/red] {text(file['source_file'])}: {text_lines(file['message'] or '')}"
        )
    if files and len(files) > SHOWN_FILES:
        console.print(f"  … and {len(files) - SHOWN_FILES} more files; `clickstream status --json` has all.")


def show_accounting(console: Console, accounting: list[dict[str, Any]] | None) -> None:
    """Print where the lines of each event source went."""
    if not accounting:
        return
    console.print("\n[bold]Accounting[/bold]  lines = events + duplicates + quarantined + blank")
    names = ("files", "lines", "events", "duplicates", "quarantined", "blank")
    shown = table("source", *names, numbers=names)
    for row in accounting:
        keys = (
            "file_count",
            "line_count",
            "event_count",
            "duplicate_count",
            "quarantined_count",
            "blank_count",
        )
        shown.add_row(text(row["source_name"]), *(f"{row[key]:,}" for key in keys))
    show(console, shown)


def _show_build(console: Console, build: dict[str, Any] | None) -> None:
    if build is None:
        return
    if build["finished_at"] is None:
        outcome = "[red]did not finish[/red]"
    elif build["error_count"]:
        outcome = f"[red]{build['error_count']} failed[/red]"
    else:
        outcome = "[green]clean[/green]"
    part = "" if build["is_full"] else ", only some models"
    console.print(
        f"\n[bold]Last build[/bold]  {outcome}{part}, {moment(build['started_at'])} UTC: "
        f"{build['pass_count']} passed, {build['warn_count']} warned, {build['error_count']} failed, "
        f"{build['skip_count']} skipped  ({text(build['invocation_id'])})"
    )
    for color, found in (("red", build["failures"]), ("yellow", build["warnings"])):
        for failure in found:
            rows = f", {count_of(failure['failure_count'], 'row')}" if failure["failure_count"] else ""
            console.print(f"  [{color}]{failure['status']}[/{color}] {text(failure['node_name'])}{rows}")
            if failure["message"]:
                console.print(f"       {text(failure['message'].splitlines()[0])}")
            if failure["relation_name"]:
                console.print(f"       rows: select * from {text(failure['relation_name'])}")


def _show_publication(console: Console, publication: dict[str, Any] | None) -> None:
    console.print()
    if publication is None:
        console.print("[bold]Publication[/bold]  none yet")
        return
    console.print(
        f"[bold]Publication[/bold]  {text(publication['publication'])}, {megabytes(publication['bytes'])}, "
        f"in {text(publication['path'])}"
    )
    shown = table("published table", "rows", numbers=("rows",))
    for name, rows in publication["tables"].items():
        shown.add_row(text(name), f"{rows:,}")
    show(console, shown)


def _show_restatements(console: Console, restatements: list[dict[str, Any]] | None) -> None:
    if restatements is None:
        return
    if not restatements:
        console.print("It restated no published date.")
        return
    dates = [f"{row['restated_date']} ({', '.join(row['reasons'])})" for row in restatements]
    console.print(
        f"It restated {len(restatements)} published {'date' if len(restatements) == 1 else 'dates'}: "
        f"{some_of(dates, SHOWN_DATES)}. From what to what: select * from operations.restatements"
    )


def moment(value: datetime | None) -> str:
    """A UTC time for people."""
    return f"{value:%Y-%m-%d %H:%M:%S}" if value else "never"


def _colored(value: str, state: str) -> str:
    color = COLORS.get(state, "red")
    return f"[{color}]{text(value)}[/{color}]" if value else ""
