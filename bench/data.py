"""Sample data for the cases, made once by `clickstream sample` and kept in the cache."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa

from bench.settings import cache
from sample.generate import generate

START = date(2026, 1, 5)


def sample(events: int, days: int, *, seed: int = 7, start: date = START) -> Path:
    """The folder of a sample with these arguments; makes it when it is not there."""
    folder = cache() / "samples" / f"{events}-{days}-{seed}-{start}"
    if not (folder / "sample.json").exists():
        draft = folder.with_name(f".{folder.name}")
        shutil.rmtree(draft, ignore_errors=True)
        generate(draft, events=events, days=days, seed=seed, start=start)
        draft.rename(folder)
    return folder


def logs(folder: Path, dates: Iterable[date] | None = None) -> list[Path]:
    """The log files of a sample, of all dates or of some (dates of arrival)."""
    if dates is None:
        return sorted((folder / "events").rglob("*.jsonl*"))
    return [path for day in dates for path in sorted((folder / "events" / day.isoformat()).glob("*.jsonl*"))]


def give(paths: Iterable[Path], inbox: Path) -> None:
    """Put files into an inbox under another name, without copying where the file system can."""
    for path in paths:
        target = inbox / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except OSError:
            shutil.copyfile(path, target)


def lines_of(paths: Iterable[Path]) -> Iterator[bytes]:
    """The lines of log files, decompressed."""
    for path in paths:
        if path.suffix == ".gz":
            data = gzip.decompress(path.read_bytes())
        elif path.suffix == ".zst":
            with pa.input_stream(str(path), compression="zstd") as stream:
                data = stream.read()
        else:
            data = path.read_bytes()
        yield from data.splitlines(keepends=True)


def one_file(folder: Path, target: Path) -> int:
    """Write all log lines of a sample into one file; returns their number."""
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with target.open("wb") as file:
        for line in lines_of(logs(folder)):
            file.write(line)
            count += 1
    return count
