"""Make a sample: logs, catalogue and orders on one side, the truth about them on the other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from clickstream.errors import UserError
from sample import rates
from sample.catalogue import write_catalogue
from sample.database import open_database, run_sql, set_variables, variables
from sample.logs import LogFile, write_logs

MANIFEST = "sample.json"
"""Lies in every sample, says how it was made and which files are part of it."""

_FOLDERS = ("events", "catalogue", "api", "expected")
_WORK = ".sample-work"
_WRITERS = 2
"""Log files written at a time; the same on every machine, so that lines are compressed in the same pieces."""
_DEFAULT_START = date(2026, 1, 5)

_TRUTH = {
    "lines_per_file": "lines_per_file",
    "quarantined": "quarantined",
    "daily_product_page_views": "daily_product_page_views",
    "daily_page_views": "daily_page_views",
    "hourly_page_views": "hourly_page_views",
    "sessions": "sessions_truth",
    "session_visits": "session_visits",
    "daily_channels": "daily_channels",
    "daily_attribution": "daily_attribution",
    "visitors": "visitors_truth",
    "daily_traffic": "daily_traffic",
    "daily_devices": "daily_devices",
    "daily_bots": "daily_bots",
    "daily_carts": "daily_carts",
    "daily_purchase_delays": "daily_purchase_delays",
    "daily_categories": "daily_categories",
    "daily_product_origins": "daily_product_origins",
    "daily_product_pairs": "daily_product_pairs",
    "order_reconciliation": "order_reconciliation",
    "local_daily_traffic": "local_daily_traffic",
    "local_daily_product_page_views": "local_daily_product_page_views",
    "daily_visitors": "daily_visitors",
    "retention_daily": "retention_daily",
    "retention_weekly": "retention_weekly",
    "funnel_steps_daily": "funnel_steps_daily",
    "late_events": "late_events",
    "product_daily_funnel": "product_daily_funnel",
    "daily_orders": "daily_orders",
    "rejected_order_items": "rejected_order_items",
    "totals": "totals",
}

Progress = Callable[[str, float], None]
"""Called with what is being done and how much of the whole is done (0–1)."""


@dataclass(frozen=True)
class SampleSummary:
    """What was written. `byte_count` is the size of all log files, as they lie on disk."""

    out: Path
    events: int
    days: int
    seed: int
    start: date
    file_count: int
    byte_count: int
    line_count: int
    blank_count: int
    event_count: int
    duplicate_count: int
    quarantined_count: int
    session_count: int
    page_view_count: int
    order_count: int


def _silent(doing: str, share: float, /) -> None:
    """Nobody wants to know."""


def _check(events: int, days: int, seed: int, start: date) -> None:
    def between(name: str, value: int, low: int, high: int) -> None:
        if not low <= value <= high:
            raise UserError(
                f"A sample cannot have {name} = {value:,}.",
                where=f"--{name.split()[0]}",
                fix=f"Choose a number from {low:,} to {high:,}.",
            )

    between("days", days, 1, rates.MAX_DAYS)
    between("events", events, max(rates.MIN_EVENTS, days * rates.MIN_EVENTS_PER_DAY), rates.MAX_EVENTS)
    between("seed", seed, 0, rates.MAX_SEED)
    between("start year", start.year, 2000, 2100)


def _files(folder: Path) -> list[str]:
    found = (p for p in folder.rglob("*") if not p.is_dir() or p.is_symlink())
    return sorted(p.relative_to(folder).as_posix() for p in found)


def _manifest_files(folder: Path) -> set[str]:
    """The files that a sample's manifest names, itself included; none where there is no manifest."""
    try:
        return {MANIFEST, *json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _check_out(out: Path) -> None:
    """Refuse a folder that holds anything but a sample of ours."""
    if out.exists() and not out.is_dir():
        raise UserError(
            "The sample needs a folder.", where=str(out), fix="Name a folder that is new or empty."
        )
    if not out.exists():
        return
    own = _manifest_files(out)
    foreign = [name for name in _files(out) if name not in own and not name.startswith(f"{_WORK}/")]
    if foreign:
        raise UserError(
            "The folder holds files that are not part of a sample; nothing was changed.",
            where=f"{out}: {', '.join(foreign[:3])}{' …' if len(foreign) > 3 else ''}",
            fix="Choose another folder with --out, or move these files away.",
        )


def _put_in_place(work: Path, out: Path) -> None:
    # If this is cut short, the files of both samples are still known as ours and may be replaced.
    both = sorted(_manifest_files(out) | _manifest_files(work))
    (out / MANIFEST).write_text(json.dumps({"files": both}), encoding="utf-8")
    for name in _FOLDERS:
        if (out / name).exists():
            shutil.rmtree(out / name)
        (work / name).replace(out / name)
    (work / MANIFEST).replace(out / MANIFEST)


def _write_orders(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    rows = connection.execute("select payload from order_documents order by order_no, version")
    with path.open("w", encoding="utf-8", newline="") as file:
        while batch := rows.fetchmany(10_000):
            file.write("".join(f"{payload}\n" for (payload,) in batch))


def _write_truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    for name in (
        "truth_macros",
        "truth_events",
        "truth_orders",
        "truth_commerce",
        "truth_sessions",
        "truth_traffic",
        "truth_discovery",
        "truth_local_days",
        "truth_people",
        "truth_attribution",
        "truth_totals",
    ):
        run_sql(connection, name)
    for name, table in _TRUTH.items():
        connection.sql(f"from {table}").write_csv(str(folder / f"{name}.csv"))
    return dict(connection.sql("from totals").fetchall())


def generate(
    out: Path,
    *,
    events: int,
    days: int,
    seed: int,
    start: date = _DEFAULT_START,
    progress: Progress | None = None,
) -> SampleSummary:
    """Write a sample into `out`: events/, catalogue/, api/, expected/ and sample.json.

    The same arguments give the same bytes. An earlier sample in `out` is replaced, at the end and not before.

    Args:
        out: a folder that is new, empty, or holds a sample.
        events: how many events happen; duplicates, conflicts and blank lines come on top (1.3 %).
        days: dates (UTC) on which sessions start; late lines arrive up to three dates after.
        seed: another seed, another shop.
        start: the first date.
        progress: told what is being done.

    Raises:
        UserError: an argument is out of range, or `out` holds something else.
    """
    _check(events, days, seed, start)
    _check_out(out)
    work = out / _WORK
    try:
        shutil.rmtree(work, ignore_errors=True)
        for name in _FOLDERS:
            (work / name).mkdir(parents=True)
        summary = _generate(
            work, out, events=events, days=days, seed=seed, start=start, tell=progress or _silent
        )
        _put_in_place(work, out)
    except OSError as error:
        raise UserError(
            "The sample cannot be written.",
            where=f"{out}: {error.strerror or error}",
            fix="Check that the folder is writable and the disk has room: 500 bytes an event.",
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return summary


def _generate(
    work: Path, out: Path, *, events: int, days: int, seed: int, start: date, tell: Progress
) -> SampleSummary:
    values = variables(events=events, days=days, start=start)
    with open_database(work / "sample.duckdb", events) as connection:

        def new_cursor() -> duckdb.DuckDBPyConnection:
            cursor = connection.cursor()
            set_variables(cursor, values, seed)
            return cursor

        set_variables(connection, values, seed)
        tell("sessions", 0.0)
        for name in ("macros", "rendering_macros", "sessions", "orders"):
            run_sql(connection, name)
        tell("events", 0.05)
        run_sql(connection, "lines")
        run_sql(connection, "rendering")
        counted = connection.sql(
            "select hour_no, count(*) from lines group by hour_no order by hour_no"
        ).fetchall()
        files = [LogFile(*row) for row in counted]
        connection.execute("create table log_files (hour_no integer, source_file varchar)")
        connection.executemany(
            "insert into log_files values (?, ?)", [[f.hour_no, f.source_file] for f in files]
        )

        tell("log files", 0.35)
        sizes: list[int] = []
        lines_done: list[int] = []
        lines_planned = sum(file.line_count for file in files)

        def written(line_count: int, size: int) -> None:
            sizes.append(size)
            lines_done.append(line_count)
            tell("log files", 0.35 + 0.4 * sum(lines_done) / lines_planned)

        write_logs(work, files, new_cursor, threads=_WRITERS, written=written)
        tell("catalogue and orders", 0.75)
        write_catalogue(work / "catalogue", connection, start=start, seed=seed)
        _write_orders(connection, work / "api" / "orders.jsonl")
        tell("truth", 0.78)
        totals = _write_truth(connection, work / "expected")
    _write_manifest(work, {"events": events, "days": days, "seed": seed, "start": start.isoformat()})
    tell("done", 1.0)
    counts = {name: int(totals[name]) for name in _SUMMARY_COUNTS}
    return SampleSummary(
        out=out, events=events, days=days, seed=seed, start=start, byte_count=sum(sizes), **counts
    )


_SUMMARY_COUNTS = (
    "file_count",
    "line_count",
    "blank_count",
    "event_count",
    "duplicate_count",
    "quarantined_count",
    "session_count",
    "page_view_count",
    "order_count",
)


def _write_manifest(work: Path, arguments: dict[str, Any]) -> None:
    files = [name for folder in _FOLDERS for name in (f"{folder}/{file}" for file in _files(work / folder))]
    manifest = {"generator": "clickstream sample", "arguments": arguments, "files": files}
    (work / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
