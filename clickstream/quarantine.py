"""Rejected lines, for people: every reason, file, line and the start of the line itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import duckdb
from rich.console import Console

from clickstream.console import show, table, text
from clickstream.settings import Home
from clickstream.warehouse import connect
from serve.gate import has_table

TABLES = ("quarantined_events", "quarantined_records")
EXCERPT_LENGTH = 100  # Characters of the payload that a person sees; --json has all of it.


@dataclass(frozen=True)
class RejectedLine:
    """One quarantined line; `payload` is null where the source keeps none."""

    source_name: str
    source_file: str
    source_line: int
    reasons: list[str]
    payload: str | None


@dataclass(frozen=True)
class Quarantine:
    """Rejected lines that match a question: the counts cover all of them, `lines` the first few."""

    total: int
    by_reason: dict[str, int]
    lines: list[RejectedLine]

    def as_json(self) -> dict[str, Any]:
        """Plain values for `--json`."""
        return asdict(self)


def read_quarantine(home: Home, *, reason: str | None, file: str | None, limit: int) -> Quarantine:
    """Look up rejected lines.

    Args:
        home: the environment.
        reason: only lines with this reason.
        file: only lines of files whose name contains this.
        limit: how many lines to return, by file and line.

    Raises:
        UserError: there is no warehouse, or it is open elsewhere.
    """
    with connect(home, read_only=True) as connection:
        relation = _relation(connection)
        if relation is None:
            return Quarantine(0, {}, [])
        where, values = _conditions(reason, file)
        counts = connection.execute(
            f"select reason, count(*) from (select unnest(reasons) as reason from {relation} {where}) "
            "group by reason order by count(*) desc, reason",
            values,
        ).fetchall()
        total = connection.execute(f"select count(*) from {relation} {where}", values).fetchone()
        rows = connection.execute(
            f"select source_name, source_file, source_line, reasons, payload from {relation} {where} "
            "order by source_name, source_file, source_line limit ?",
            [*values, limit],
        ).fetchall()
    return Quarantine(total[0] if total else 0, dict(counts), [RejectedLine(*row) for row in rows])


def show_quarantine(console: Console, found: Quarantine) -> None:
    """Print counts per reason, then the lines."""
    if not found.total:
        console.print("No rejected lines.")
        return
    console.print(f"{found.total:,} rejected lines. A line can have several reasons.\n")
    reasons = table("reason", "lines", numbers=("lines",))
    for reason, count in found.by_reason.items():
        reasons.add_row(text(reason), f"{count:,}")
    show(console, reasons)
    console.print()
    for line in found.lines:
        console.print(
            f"{text(line.source_file)}:{line.source_line}  [red]{text(', '.join(line.reasons))}[/red]"
        )
        if line.payload is not None:
            cut = line.payload[:EXCERPT_LENGTH]
            console.print(f"    {text(cut)}{'…' if len(line.payload) > len(cut) else ''}")
    if found.total > len(found.lines):
        console.print(
            f"\n… {found.total - len(found.lines):,} more: raise --limit, or narrow with --reason or --file."
        )


def _relation(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The quarantine tables that exist, as one."""
    selects = [
        f"select source_name, source_file, source_line, reasons, payload from operations.{name}"
        for name in TABLES
        if has_table(connection, "operations", name)
    ]
    return f"({' union all '.join(selects)})" if selects else None


def _conditions(reason: str | None, file: str | None) -> tuple[str, list[str]]:
    conditions = {"list_contains(reasons, ?)": reason, "contains(source_file, ?)": file}
    given = {condition: value for condition, value in conditions.items() if value}
    return (f"where {' and '.join(given)}" if given else ""), list(given.values())
