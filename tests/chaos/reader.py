"""A reader that polls `published/` all the while and writes down whatever is not whole.

Run as a process: `python -m chaos.reader HOME REPORT`; it ends when standard input does. A publication is
whole when its manifest, its database and its Parquet files are there and agree, row for row and with each
other, through the link and through the folder the link names; and it is never older than the one seen before.
"""

from __future__ import annotations

import json
import select
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

PAUSE_SECONDS = 0.3
SHOWN = 20


@dataclass
class Seen:
    """What the reader saw: `violations` are sentences, the first few of them."""

    polls: int = 0
    publications: list[str] = field(default_factory=list)
    violation_count: int = 0
    violations: list[str] = field(default_factory=list)

    def complain(self, sentence: str) -> None:
        """Write down a violation."""
        self.violation_count += 1
        if len(self.violations) < SHOWN:
            self.violations.append(sentence)


def look(published: Path, seen: Seen) -> None:
    """Look once."""
    seen.polls += 1
    try:
        folder = published.resolve(strict=True)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        found = list(_faults(folder, manifest))
        through_link = _counts(published / "clickstream.duckdb")
        if published.resolve(strict=True) == folder and through_link != _stated(manifest):
            found.append("the link's database is not the folder's")
    except FileNotFoundError as error:
        if seen.publications:
            seen.complain(f"missing after {seen.publications[-1]}: {error}")
        return
    except (OSError, ValueError, KeyError, duckdb.Error) as error:
        seen.complain(f"unreadable: {error!r}")
        return
    identity = manifest["publication"]
    for sentence in found:
        seen.complain(f"{identity}: {sentence}")
    if not seen.publications or seen.publications[-1] != identity:
        if seen.publications and identity < seen.publications[-1]:
            seen.complain(f"{identity} came after {seen.publications[-1]}")
        seen.publications.append(identity)


def _faults(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    if manifest["publication"] != folder.name:
        yield f"its folder is {folder.name}"
    for table in manifest["tables"]:
        for part in table["partitions"]:
            path = folder / part["path"]
            if not path.is_file() or path.stat().st_size != part["bytes"]:
                yield f"{part['path']} is not as stated"
    database = folder / manifest["database"]["path"]
    if database.stat().st_size != manifest["database"]["bytes"]:
        yield "the database has another size"
    counted = _counts(database)
    for name, rows in _stated(manifest).items():
        if counted.get(name) != rows:
            yield f"{name} has {counted.get(name)} rows, stated are {rows}"
    yield from _disagreements(database)


def _stated(manifest: dict[str, Any]) -> dict[str, int]:
    return {table["name"]: table["rows"] for table in manifest["tables"]}


def _counts(database: Path) -> dict[str, int]:
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        if not names:
            return {}
        counts = ", ".join(f"(select count(*) from {name})" for (name,) in names)
        row = connection.execute(f"select {counts}").fetchall()[0]
    return {name: count for (name,), count in zip(names, row, strict=True)}


AGREEMENTS = {
    "views by page and by hour": (
        "select coalesce(sum(view_count), 0) from marts.daily_page_views",
        "select coalesce(sum(view_count), 0) from marts.hourly_page_views",
    ),
    "lines and what became of them": (
        "select coalesce(sum(line_count - skipped_line_count), 0) from operations.event_accounting",
        "select coalesce(sum(event_count + duplicate_count + quarantined_count + blank_count), 0) "
        "from operations.event_accounting",
    ),
}
"""Tables built from the same events: unequal when a publication mixes two builds."""


def _disagreements(database: Path) -> Iterator[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, (left, right) in AGREEMENTS.items():
            a, b = connection.execute(f"select ({left}), ({right})").fetchall()[0]
            if a != b:
                yield f"{name}: {a} and {b}"


def main() -> None:
    """Poll until standard input ends, then write the report."""
    published, report = Path(sys.argv[1]) / "published", Path(sys.argv[2])
    seen = Seen()
    while not select.select([sys.stdin], [], [], 0)[0]:
        look(published, seen)
        time.sleep(PAUSE_SECONDS)
    look(published, seen)
    report.write_text(json.dumps(asdict(seen)), encoding="utf-8")


if __name__ == "__main__":
    main()
