"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from clickstream.errors import UserError, stopped_stage
from clickstream.settings import current_home
from sample.cli import sample, sample_api

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

app = typer.Typer(
    name="clickstream",
    help="Raw web events in, audited page-view marts out. `run` does all steps; each can run alone.",
    epilog="All state lies under CLICKSTREAM_HOME (default: the project). Readers open published/.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Wait = Annotated[
    float,
    typer.Option("--wait", metavar="SECONDS", help="Wait so long for a running command to end; 0 refuses."),
]
FullRefresh = Annotated[bool, typer.Option("--full-refresh", help="Rebuild every model from the raw tables.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command()
def run(full_refresh: FullRefresh = False, wait: Wait = 0) -> None:
    """Ingest, build, test and publish all that is new.

    Ends with a summary, or says within seconds that nothing is new. Exits with 1 when a source, a model or a
    test failed; the last good publication stays.
    """
    from clickstream.lock import hold
    from clickstream.pipeline import run as run_pipeline
    from clickstream.summary import show_outcome

    home = current_home()
    with hold(home, "run", wait_seconds=wait):
        outcome = run_pipeline(home, full_refresh=full_refresh)
        show_outcome(home, outcome)
    raise typer.Exit(outcome.exit_code)


@app.command(hidden=True)
def demo(full_refresh: FullRefresh = False, wait: Wait = 0) -> None:
    """As `run`; where no data is configured, a sample and its shop API stand in (`make run`)."""
    from clickstream.demo import make_sample, shop_api, wants_sample

    home = current_home()
    if wants_sample(home):
        make_sample(home)
    with shop_api(home):
        run(full_refresh=full_refresh, wait=wait)


@app.command()
def ingest(
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again.")] = None,
    wait: Wait = 0,
) -> None:
    """Load new files and API records into raw tables.

    Unchanged and exactly once. A source that fails does not stop the others; the exit code is then 1.
    """
    from clickstream.console import output
    from clickstream.lock import hold
    from clickstream.pipeline import load_project, run_ingest
    from clickstream.summary import show_loads

    home = current_home()
    with hold(home, "ingest", wait_seconds=wait):
        report = run_ingest(home, load_project(home).content, source or None)
    show_loads(output(), report)
    raise typer.Exit(int(not report.ok))


@app.command()
def build(full_refresh: FullRefresh = False, wait: Wait = 0) -> None:
    """Build and test every model with dbt.

    To build a part, use `dbt build --select …` at the project; what it made is published after the next full
    build.
    """
    from clickstream.lock import hold
    from clickstream.pipeline import load_project, run_build
    from clickstream.summary import show_built

    home = current_home()
    with hold(home, "build", wait_seconds=wait):
        report = run_build(home, load_project(home, needs_dbt=True), full_refresh=full_refresh)
    show_built(home, report)
    raise typer.Exit(int(not report.is_clean))


@app.command()
def publish(wait: Wait = 0) -> None:
    """Put the marts of the last clean build before readers.

    In one step: nobody sees a half. Refuses when the last build failed, was partial, is older than the rows,
    or kept rows made by rules that have changed since. Only changed dates are written.
    """
    from clickstream.lock import hold
    from clickstream.pipeline import load_project, publish_last
    from clickstream.summary import show_published

    home = current_home()
    with hold(home, "publish", wait_seconds=wait):
        show_published(home, publish_last(home, load_project(home).content))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show loads, freshness, accounting, build, publication."""
    from clickstream.console import output
    from clickstream.status import read_status
    from clickstream.status_view import show_status

    found = read_status(current_home())
    _print_json(found) if as_json else show_status(output(), found)


@app.command()
def dashboard(
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8710,
    export: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write one HTML file there instead of serving.")
    ] = None,
    from_date: Annotated[str, typer.Option("--from", metavar="DATE", help="First date of the period.")] = "",
    to_date: Annotated[str, typer.Option("--to", metavar="DATE", help="Last date of the period.")] = "",
    category: Annotated[str, typer.Option(metavar="ID", help="Only products of this category.")] = "",
    channel: Annotated[str, typer.Option(metavar="NAME", help="Only sessions of this channel.")] = "",
    stale_after: Annotated[
        float, typer.Option(min=0, metavar="HOURS", help="Call an older publication stale.")
    ] = 36,
) -> None:
    """Show the published figures in a browser.

    Reads published/ only; a new publication is seen on the next reload. With --export the page is one file
    that opens from disk, without a network.
    """
    from clickstream.console import output
    from serve.dashboard.server import export as export_page
    from serve.dashboard.server import serve

    given = {"from": from_date, "to": to_date, "category": category, "channel": channel}
    if export is None:
        serve(current_home(), host=host, port=port, given=given, stale_hours=stale_after)
        return
    file = export_page(current_home(), export, given, stale_hours=stale_after)
    output().print(f"Written: {file}")


@app.command()
def quarantine(
    reason: Annotated[str | None, typer.Option(help="Only lines with this reason.")] = None,
    file: Annotated[str | None, typer.Option(help="Only files whose name contains this.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Show at most so many lines.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show rejected lines with every reason, file and line."""
    from clickstream.console import output
    from clickstream.quarantine import read_quarantine, show_quarantine

    found = read_quarantine(current_home(), reason=reason, file=file, limit=limit)
    _print_json(found.as_json()) if as_json else show_quarantine(output(), found)


@app.command("forget-file")
def forget_file(
    path: Annotated[str, typer.Argument(help="The file, as an error names it, or as a path.")],
    wait: Wait = 0,
) -> None:
    """Take a file's rows out of the warehouse.

    For a file that is wrong, or that was changed after it had been loaded. Once the file is changed or put
    there again, the next run loads it like a new one; until then it stays out.
    """
    from clickstream.lock import hold
    from clickstream.summary import show_forgotten
    from ingest.forgetting import forget_file as forget

    home = current_home()
    with hold(home, "forget-file", wait_seconds=wait):
        show_forgotten(forget(home, path))


@app.command()
def fingerprint(as_json: AsJson = False) -> None:
    """Print one content hash per table.

    Two warehouses with the same rows print the same, in whatever order the rows came; which load brought a
    row, and when, is left out.
    """
    from clickstream.fingerprint import read_fingerprint

    found = read_fingerprint(current_home())
    if as_json:
        _print_json(found)
        return
    for table, content in found.items():
        typer.echo(f"{table} {content}")


app.command("sample", short_help="Write sample data with known defects, and the truth.")(sample)
app.command("sample-api")(sample_api)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    """Times are UTC and say so."""
    return f"{value.isoformat()}+00:00" if isinstance(value, datetime) else str(value)


def main() -> None:
    """Run the command line; a person's mistake, or a full disk or memory, is told without a traceback."""
    try:
        app()
    except UserError as error:
        _complain(str(error))
        sys.exit(2)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _complain("Interrupted. What was complete stays; run the command again to go on.")
        raise
    except Exception as error:
        told = _told_of_machine(error)
        if told is None:
            raise
        _complain(told)
        sys.exit(1)


def _told_of_machine(error: Exception) -> str | None:
    """What a full disk, a full memory or a read-only folder is told as; None for anything else."""
    from ingest.explaining import explain

    told = explain(error)
    stage = stopped_stage(error)
    return f"{stage}{' stopped: ' if stage else ''}{told}" if "\n  to do: " in told else None


def _complain(message: str) -> None:
    from clickstream.console import messages

    messages().print(message, style="red", markup=False)
