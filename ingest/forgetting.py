"""Undo: a file's rows are taken out of the raw tables, as if it had never come."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from clickstream.errors import UserError
from clickstream.settings import Home
from clickstream.warehouse import connect
from ingest import ledger
from ingest.jobs import transaction
from ingest.ledger import FileRow
from ingest.packages import has_pending, pipelines_folder


@dataclass
class Forgotten:
    """What was taken out.

    Args:
        source_file: the file's name in the ledger.
        tables: `source.table` of each table concerned.
        row_count: rows deleted from raw tables.
        rejected_count: rejected records deleted.
        load_ids: loads that had brought them.
        copies: files that hold the same content; no longer twins, they are loaded by the next run.
    """

    source_file: str
    tables: list[str] = field(default_factory=list)
    row_count: int = 0
    rejected_count: int = 0
    load_ids: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)


def forget_file(home: Home, path: str) -> Forgotten:
    """Delete everything loaded from a file, in one transaction.

    As long as the file lies there unchanged it stays out; once it is changed or put there again (another
    size or modification time), the next run loads it like a new one. A file whose loaded part had changed
    is loaded by the next run as it is now.

    Args:
        home: whose warehouse.
        path: the file, as the ledger names it, or as a path on this machine.

    Raises:
        UserError: no such file in the ledger, or a load that was interrupted has to be finished first.
    """
    with connect(home) as conn:
        ledger.create(conn)
        name = _ledger_name(conn, home, path)
        rows = ledger.read_files(conn, "f.source_file = ? and f.status <> 'forgotten'", [name])
        result = Forgotten(name)
        if not rows:
            return result
        for source in {row.source_name for row in rows}:
            if has_pending(pipelines_folder(home, conn), source):
                raise UserError(
                    "A load of this source was interrupted and is not finished.",
                    where=f"source {source}",
                    fix="Run `clickstream ingest`, then forget-file again.",
                )
        with transaction(conn):
            for key in sorted({(row.source_name, row.table_name) for row in rows}):
                _forget(conn, key, name, result)
            ledger.record_files(conn, [_forgotten_row(row) for row in rows])
    return result


def _ledger_name(conn: duckdb.DuckDBPyConnection, home: Home, path: str) -> str:
    known = {name for (name,) in conn.execute("select distinct source_file from ingest.files").fetchall()}
    candidates = [path, home.display(Path(path).expanduser().absolute()), home.display(home.resolve(path))]
    for candidate in candidates:
        if candidate in known:
            return candidate
    if conn.execute("from ingest.arrivals where source_file = ?", [path]).fetchall():
        raise UserError(
            "What an API returned cannot be taken back: its cursor would not bring it again.",
            where=path,
            fix="Correct the records where the API has them; the next run loads their new versions.",
        )
    near = difflib.get_close_matches(path, known, n=3, cutoff=0.5)
    raise UserError(
        "No such file was ever loaded.",
        where=path,
        fix=f"Perhaps {', '.join(near)}?" if near else "Use its name as `clickstream status` shows it.",
    )


def _forget(conn: duckdb.DuckDBPyConnection, key: tuple[str, str], name: str, result: Forgotten) -> None:
    loads = conn.execute(
        """select distinct load_id from ingest.arrivals
        where source_name = ? and table_name = ? and source_file = ?""",
        [*key, name],
    ).fetchall()
    load_ids = [load_id for (load_id,) in loads]
    if load_ids:
        result.row_count += _delete(
            conn,
            f"{ledger.raw_relation(conn, key)} where _source_file = ? "
            "and _dlt_load_id in (select unnest(cast(? as varchar[])))",
            [name, load_ids],
        )
    condition = "where source_name = ? and table_name = ? and source_file = ?"
    result.rejected_count += _delete(conn, f"ingest.rejected_records {condition}", [*key, name])
    _delete(conn, f"ingest.arrivals {condition}", [*key, name])
    copies = conn.execute(
        """delete from ingest.files where source_name = ? and table_name = ? and twin_of = ?
        and status = 'twin' returning source_file""",
        [*key, name],
    ).fetchall()
    result.tables.append(".".join(key))
    result.load_ids.extend(load_ids)
    result.copies.extend(sorted(copy for (copy,) in copies if copy != name))


def _delete(conn: duckdb.DuckDBPyConnection, what: str, parameters: list[object]) -> int:
    return int(conn.execute(f"delete from {what}", parameters).fetchall()[0][0])


def _forgotten_row(row: FileRow) -> FileRow:
    """The row as it stays on record; what was not loaded as it lies there now, may be loaded next time."""
    is_as_loaded = row.status in ("loaded", "twin")
    return replace(
        row,
        status="forgotten",
        waiting_bytes=0,
        message=None,
        size_bytes=row.size_bytes if is_as_loaded else None,
        modified_us=row.modified_us if is_as_loaded else None,
    )
