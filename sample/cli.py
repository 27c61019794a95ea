"""The commands `clickstream sample` and `clickstream sample-api`."""

from __future__ import annotations

import os
import threading
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from clickstream.errors import UserError
from clickstream.settings import current_home

BEARER_VARIABLE = "CLICKSTREAM_SHOP_TOKEN"
"""Where the API's token comes from when the command line names none."""

SAMPLE_BEARER = "sample-token"
"""The token when nobody names one: no secret, the server listens on 127.0.0.1 and sells nothing."""


def _default_out() -> Path:
    return current_home().root / "data" / "inbox"


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(
            "The start is not a date.", where=f"--start {text}", fix="Write it like 2026-01-05."
        ) from error


def _size(byte_count: int) -> str:
    return f"{byte_count / 1e9:.2f} GB" if byte_count >= 1e9 else f"{byte_count / 1e6:.1f} MB"


def sample(
    events: Annotated[int, typer.Option(help="How many events happen; about 500 bytes each.")] = 200_000,
    days: Annotated[int, typer.Option(help="Over how many dates.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    start: Annotated[str, typer.Option(help="The first date.")] = "2026-01-05",
    out: Annotated[Path | None, typer.Option(help="Folder to write; by default data/inbox.")] = None,
) -> None:
    """Write sample logs, a catalogue and orders, with known defects and the truth about them."""
    from sample.generate import generate

    console = Console()
    first = _parse_date(start)
    began = time.monotonic()
    columns = (TextColumn("{task.description:22}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("sample", total=1.0)
        summary = generate(
            (out or _default_out()).expanduser().resolve(),
            events=events,
            days=days,
            seed=seed,
            start=first,
            progress=lambda doing, share: bar.update(task, description=doing, completed=share),
        )
    seconds = time.monotonic() - began

    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for count, what in (
        (summary.line_count, f"log lines in {summary.file_count} files, {_size(summary.byte_count)} on disk"),
        (summary.event_count, "events"),
        (summary.duplicate_count, "duplicates"),
        (summary.quarantined_count, "lines to quarantine"),
        (summary.blank_count, "blank lines"),
        (summary.session_count, "sessions"),
        (summary.page_view_count, "page views"),
        (summary.order_count, "orders"),
    ):
        table.add_row(f"{count:,}", what)
    console.print(table)
    console.print(f"Written to {summary.out} in {seconds:.1f} s; the truth is in expected/.", soft_wrap=True)


def sample_api(
    orders: Annotated[Path | None, typer.Option(help="By default data/inbox/api/orders.jsonl.")] = None,
    port: Annotated[int, typer.Option(help="0 for any free one.")] = 8700,
    token: Annotated[
        str, typer.Option(envvar=BEARER_VARIABLE, help="The bearer token that clients must send.")
    ] = SAMPLE_BEARER,
    too_many_requests_every: Annotated[int, typer.Option(help="429 for every n-th request.")] = 0,
    retry_after_seconds: Annotated[int, typer.Option(help="Retry-After of those.")] = 1,
    error_every: Annotated[int, typer.Option(help="500 for every n-th request.")] = 0,
    cut_every: Annotated[int, typer.Option(help="Cut the connection of every n-th answer.")] = 0,
    invalid_json_every: Annotated[int, typer.Option(help="No JSON in every n-th answer.")] = 0,
    delay_seconds: Annotated[float, typer.Option(help="Wait before every answer.")] = 0.0,
    always_error: Annotated[bool, typer.Option(help="500 for every request.")] = False,
    forbidden: Annotated[bool, typer.Option(help="403 for every request.")] = False,
    cursor_loop: Annotated[bool, typer.Option(help="The cursor never comes to an end.")] = False,
) -> None:
    """Serve the sample's orders over HTTP until Ctrl-C."""
    from sample.shop_api import Faults, serve_orders

    faults = Faults(
        too_many_requests_every=too_many_requests_every,
        retry_after_seconds=retry_after_seconds,
        error_every=error_every,
        cut_every=cut_every,
        invalid_json_every=invalid_json_every,
        delay_seconds=delay_seconds,
        always_error=always_error,
        forbidden=forbidden,
        cursor_loop=cursor_loop,
    )
    path = (orders or _default_out() / "api" / "orders.jsonl").expanduser()
    console = Console()
    with serve_orders(path, token=token, port=port, faults=faults) as api:
        console.print(
            f"Orders at {api.url}/orders (process {os.getpid()}); stop with Ctrl-C.", soft_wrap=True
        )
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print(f"Stopped after {len(api.requests):,} requests.")
