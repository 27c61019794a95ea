"""Progress of a run: what the loading code reports, and a bar that shows it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)


class Reporter(Protocol):
    """Receives progress; calls may come from any thread, one at a time."""

    def start_table(self, name: str, *, file_count: int, byte_count: int) -> None:
        """A table begins: so many files with so many bytes on disk (0 when unknown)."""

    def advance(self, name: str, *, files: int = 0, byte_count: int = 0, rows: int = 0) -> None:
        """More of a table was read."""

    def finish_table(self, name: str) -> None:
        """A table is through."""


class Silent:
    """Reports nothing."""

    def start_table(self, name: str, *, file_count: int, byte_count: int) -> None:
        """Nothing."""

    def advance(self, name: str, *, files: int = 0, byte_count: int = 0, rows: int = 0) -> None:
        """Nothing."""

    def finish_table(self, name: str) -> None:
        """Nothing."""


class Bar:
    """A progress bar per table on standard error: files, bytes, rows; use it as a context manager."""

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("{task.fields[files]:,} of {task.fields[file_count]:,} files"),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeElapsedColumn(),
            console=console or Console(stderr=True),
        )
        self._tasks: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def start_table(self, name: str, *, file_count: int, byte_count: int) -> None:
        """Add a bar, or start it anew."""
        if name in self._tasks:
            self._progress.remove_task(self._tasks[name])  # type: ignore[arg-type]
        self._tasks[name] = self._progress.add_task(
            name, total=byte_count or None, files=0, rows=0, file_count=file_count
        )

    def advance(self, name: str, *, files: int = 0, byte_count: int = 0, rows: int = 0) -> None:
        """Move a bar on."""
        if name in self._tasks:
            task = self._progress.tasks[self._progress.task_ids.index(self._tasks[name])]  # type: ignore[arg-type]
            self._progress.update(
                task.id,
                advance=byte_count,
                files=task.fields["files"] + files,
                rows=task.fields["rows"] + rows,
            )

    def finish_table(self, name: str) -> None:
        """Fill a bar."""
        if name in self._tasks:
            task = self._progress.tasks[self._progress.task_ids.index(self._tasks[name])]  # type: ignore[arg-type]
            self._progress.update(task.id, total=task.total or task.completed or 1, completed=task.total or 1)
