"""Write the log files: whole Arrow buffers at a time, since a loop over lines would take minutes."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa

from sample.rates import GZIP_HOURS, ZSTD_HOURS

_BATCH_ROWS = 40_000
"""About 20 MB of lines."""


class _Sink(Protocol):
    def write(self, data: Any, /) -> Any: ...


@dataclass(frozen=True)
class LogFile:
    """One hour of arrivals.

    Attributes:
        hour_no: hours since 1970-01-01 UTC.
        line_count: lines in it, at least one.
    """

    hour_no: int
    line_count: int

    @property
    def source_file(self) -> str:
        """The path below the sample's folder; the hour of the day decides on the compression."""
        hour = datetime.fromtimestamp(self.hour_no * 3600, tz=UTC)
        suffix = ".gz" if hour.hour in GZIP_HOURS else ".zst" if hour.hour in ZSTD_HOURS else ""
        return f"events/{hour:%Y-%m-%d}/events-{hour:%Y-%m-%dT%H}.jsonl{suffix}"


@contextmanager
def _open(path: Path) -> Iterator[_Sink]:
    if path.suffix == ".gz":
        # No name and no time in the header: the same lines give the same bytes.
        with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as file:
            yield file
    elif path.suffix == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            yield stream
    else:
        with path.open("wb") as raw:
            yield raw


class _OutOfOrderError(RuntimeError):
    """DuckDB gave the lines in another order than that of the table; nothing written so far can be used."""


def _hours_and_bytes(
    batches: Iterable[pa.RecordBatch],
) -> Iterator[tuple[int, int, memoryview]]:
    """Each hour of each batch (hour_no, position, line): the hour, how many lines, their bytes (uncopied)."""
    last_position = -1
    for batch in batches:
        hours = batch.column(0).to_numpy(zero_copy_only=False)
        positions = batch.column(1).to_numpy(zero_copy_only=False)
        if np.any(np.diff(positions, prepend=last_position) <= 0):
            raise _OutOfOrderError(f"lines {positions[0]} to {positions[-1]} come after line {last_position}")
        last_position = positions[-1]
        lines = batch.column(2)
        wide = pa.types.is_large_binary(lines.type)
        offsets = np.frombuffer(lines.buffers()[1], dtype=np.int64 if wide else np.int32)[lines.offset :]
        content = memoryview(lines.buffers()[2])
        edges = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist(), len(hours)]
        for first, after in pairwise(edges):
            yield int(hours[first]), after - first, content[int(offsets[first]) : int(offsets[after])]


def _shares(files: Sequence[LogFile], count: int) -> list[list[LogFile]]:
    """Consecutive files in `count` shares with about the same number of lines."""
    total = sum(file.line_count for file in files)
    shares: list[list[LogFile]] = [[] for _ in range(count)]
    before = 0
    for file in files:
        shares[min(count - 1, before * count // total)].append(file)
        before += file.line_count
    return [share for share in shares if share]


def write_logs(
    folder: Path,
    files: Sequence[LogFile],
    new_cursor: Callable[[], duckdb.DuckDBPyConnection],
    *,
    threads: int,
    written: Callable[[int, int], None],
) -> None:
    """Write every file from the view `rendered`, `threads` at a time.

    Args:
        folder: the sample's folder.
        files: by hour.
        new_cursor: opens a cursor with the sample's variables.
        threads: how many files to write at once.
        written: called after each file with its number of lines and its size in bytes.
    """
    for name in {Path(file.source_file).parent for file in files}:
        (folder / name).mkdir(parents=True, exist_ok=True)

    def write_share(share: list[LogFile]) -> None:
        by_hour = {file.hour_no: file for file in share}
        query = (
            "select hour_no, position, line from rendered"
            f" where hour_no between {min(by_hour)} and {max(by_hour)}"
        )
        current: LogFile | None = None
        line_count = 0

        def finish(file: LogFile) -> None:
            open_file.close()
            if line_count != file.line_count:
                raise RuntimeError(f"{file.source_file}: {line_count} lines written, not {file.line_count}")
            written(line_count, (folder / file.source_file).stat().st_size)

        with new_cursor() as cursor, ExitStack() as open_file:
            batches = cursor.sql(query).to_arrow_reader(_BATCH_ROWS)
            for hour_no, count, content in _hours_and_bytes(batches):
                if current is None or current.hour_no != hour_no:
                    if current:
                        finish(current)
                    current, line_count = by_hour[hour_no], 0
                    sink = open_file.enter_context(_open(folder / current.source_file))
                sink.write(content)
                line_count += count
            if current:
                finish(current)

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(write_share, _shares(files, threads)):
            pass
