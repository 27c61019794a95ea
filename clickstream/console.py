"""What a person sees: one console for results, one for progress and errors."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from clickstream.wording import count_of

PLAIN_WIDTH = 140  # Columns of a table that goes to a file or pipe: wide enough that no path is folded.
QUIET_SECONDS = 10.0  # Without a terminal, one progress line at most this often.


def output() -> Console:
    """Standard output: results and summaries."""
    return _console(stderr=False)


def messages() -> Console:
    """Standard error: progress, warnings and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    """Text is not folded (paths and commands are copied whole); `show` fits tables into the width."""
    console = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console = Console(stderr=stderr, highlight=False, soft_wrap=True, width=PLAIN_WIDTH)
    return console


def show(console: Console, shown: Table) -> None:
    """Print a table."""
    console.print(shown, soft_wrap=False)


def table(*columns: str, title: str = "", numbers: tuple[str, ...] = ()) -> Table:
    """A table without frames; the columns in `numbers` are set right."""
    made = Table(title=title or None, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return made


def text(value: object) -> str:
    """Text for a rich table, free of markup and of control characters that would move a cursor."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(value)
    )
    return escape(shown)


class Reporter(Protocol):
    """Told how a stage advances."""

    def __call__(self, done: int, total: int, now: str) -> None:
        """`done` of `total` steps are finished, `now` is under way."""


@contextmanager
def stage(name: str) -> Iterator[Reporter]:
    """Show a stage of the pipeline: a bar on a terminal, a few plain lines elsewhere."""
    console = messages()
    if not console.is_terminal:
        yield _Lines(name)
        return
    columns = (
        SpinnerColumn(),
        TextColumn(f"{name:<8}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(done: int, total: int, now: str) -> None:
            progress.update(task, completed=done, total=total or None, description=text(now))

        yield report


class LoadLines:
    """Progress of ingest as lines: one when a table begins, then at most one per `QUIET_SECONDS`."""

    def __init__(self) -> None:
        self._done: dict[str, list[int]] = {}
        self._last = time.monotonic()

    def start_table(self, name: str, *, file_count: int, byte_count: int) -> None:
        """Say what is to be loaded."""
        self._done[name] = [0, 0, byte_count]
        if file_count:
            _say(f"ingest: {name}, {count_of(file_count, 'file')}, {byte_count / 1e6:,.1f} MB")

    def advance(self, name: str, *, files: int = 0, byte_count: int = 0, rows: int = 0) -> None:
        """Say how far it is, now and then."""
        del files
        done = self._done.setdefault(name, [0, 0, 0])
        done[0] += rows
        done[1] += byte_count
        if time.monotonic() - self._last >= QUIET_SECONDS:
            self._last = time.monotonic()
            of_all = f" of {done[2] / 1e6:,.1f}" if done[2] else ""
            _say(f"ingest: {name}, {count_of(done[0], 'row')}, {done[1] / 1e6:,.1f}{of_all} MB")

    def finish_table(self, name: str) -> None:
        """Nothing."""


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class _Lines:
    """Progress as lines: at most one per `QUIET_SECONDS`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.last = time.monotonic()

    def __call__(self, done: int, total: int, now: str) -> None:
        if time.monotonic() - self.last >= QUIET_SECONDS:
            self.last = time.monotonic()
            _say(f"{self.name}: {done} of {total}, {now}")
