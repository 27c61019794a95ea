"""What many files cost: 10,000 small ones in one run, and the look for news among 100,000 in the ledger.

    .venv/bin/python -m bench.files [--files 10000] [--known 100000]

Prints processor and wall seconds. State goes to a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from clickstream.settings import Home
from clickstream.warehouse import connect
from ingest.runner import has_news, ingest

LINES_A_FILE = 20
FOLDERS = 24


def _manifest() -> dict[str, Any]:
    source = {
        "source_name": "web",
        "name": "logs",
        "identifier": "logs",
        "schema": "raw_web",
        "original_file_path": "bench/files.py",
        "columns": {},
        "config": {"meta": {"ingest": {"kind": "jsonl", "path": "inbox/**/*.jsonl"}}},
    }
    return {"sources": {"source.bench.web.logs": source}}


@contextmanager
def _measured(what: str, count: int) -> Iterator[None]:
    """Print what the block took, in all and for each of `count` files."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sys.stdout.write(f"{what:<58} {cpu:8.2f} CPU s {wall:8.2f} s {1e3 * cpu / count:8.3f} CPU ms a file\n")
    sys.stdout.flush()


def _write_files(home: Home, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        path = home.root / "inbox" / f"{number % FOLDERS:02}" / f"{number:06}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        line = f'{{"event_id":"{number}-%d","timestamp":"2026-01-05T10:00:00Z","page":"/product/{number}"}}\n'
        path.write_text("".join(line % position for position in range(LINES_A_FILE)), encoding="ascii")


def _fill_ledger(home: Home) -> None:
    """Give every file of the inbox that the ledger lacks a row, as if it had been loaded."""
    found = [(home.display(path), path.stat()) for path in (home.root / "inbox").rglob("*.jsonl")]
    listed = pa.table(
        {
            "name": [name for name, _ in found],
            "size": [stat.st_size for _, stat in found],
            "modified_us": [stat.st_mtime_ns // 1000 for _, stat in found],
        }
    )
    with connect(home) as connection:
        connection.register("found", listed)
        connection.execute(
            """insert into ingest.files by name
            select
                'web' as source_name, 'logs' as table_name, name as source_file, 1 as file_version,
                'loaded' as status, size as size_bytes, make_timestamp(modified_us) as modified_at,
                size as loaded_bytes, 0 as waiting_bytes, 20 as line_count, sha256(name) as content_sha256,
                sha256(name) as head_sha256, false as is_open_ended, 'none' as compression, '1' as load_id,
                make_timestamp(modified_us) as recorded_at
            from found anti join ingest.files on name = source_file"""
        )
        connection.unregister("found")


def _expect(is_so: bool) -> None:
    if not is_so:
        raise SystemExit("The run did not do what is measured.")


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000, help="small files of one run")
    parser.add_argument("--known", type=int, default=100_000, help="files in the ledger")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())
        os.environ["CLICKSTREAM_HOME"] = str(home.root)
        ingest(home, _manifest())  # what is imported once is no cost of files
        _write_files(home, arguments.files)
        with _measured(f"load {arguments.files:,} files of {LINES_A_FILE} lines", arguments.files):
            loaded = ingest(home, _manifest()).tables[0].file_count
        _expect(loaded == arguments.files)
        with _measured(f"nothing new among {arguments.files:,} files", arguments.files):
            _expect(not has_news(home, _manifest()))
        _write_files(home, arguments.known - arguments.files, first=arguments.files)
        _fill_ledger(home)
        with _measured(f"nothing new among {arguments.known:,} files", arguments.known):
            _expect(not has_news(home, _manifest()))
        _write_files(home, 10, first=arguments.known)
        with _measured(f"load 10 new files beside {arguments.known:,} known", 10):
            loaded = ingest(home, _manifest()).tables[0].file_count
        _expect(loaded == 10)


if __name__ == "__main__":
    main()
