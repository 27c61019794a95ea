"""Writing the ledger: what a plan, a job and a run found and did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import duckdb

from ingest import ledger
from ingest.declarations import SourceTable
from ingest.ledger import ArrivalRow, FileRow, RejectedRow
from ingest.lines import is_text
from ingest.report import TableReport
from ingest.results import JobResult, Loaded, Problem
from ingest.segments import Segment


def record_job(conn: duckdb.DuckDBPyConnection, table: SourceTable, load_id: str, result: JobResult) -> None:
    """Write what a job did into the ledger, within the job's transaction."""
    source_name, table_name = table.key
    files: list[FileRow] = []
    arrivals: list[ArrivalRow] = []
    rejected: list[RejectedRow] = []
    for loaded in result.loaded:
        segment, counts = loaded.segment, loaded.counts
        files.append(_loaded_row(table, loaded, load_id))
        files.extend(_twin_rows(table, segment, counts.waiting_bytes))
        arrivals.append(
            ArrivalRow(
                source_name=source_name,
                table_name=table_name,
                source_file=segment.source_file,
                file_version=segment.file_version,
                load_id=load_id,
                first_line=segment.lines_before + 1,
                line_count=counts.line_count,
                record_count=counts.record_count,
                rejected_count=len(counts.rejected),
                skipped_line_count=counts.skipped_line_count,
                byte_count=counts.byte_count,
            )
        )
        rejected.extend(
            RejectedRow(
                source_name=source_name,
                table_name=table_name,
                source_file=segment.source_file,
                source_line=record.line,
                payload=record.data.decode(errors="replace"),
                payload_bytes=None if is_text(record.data) else record.data,
                reason=record.reason,
                load_id=load_id,
            )
            for record in counts.rejected
        )
    files.extend(problem_row(conn, table, problem) for problem in result.problems)
    ledger.record_files(conn, files)
    ledger.record_arrivals(conn, arrivals)
    ledger.record_rejected(conn, rejected)


def _loaded_row(table: SourceTable, loaded: Loaded, load_id: str) -> FileRow:
    segment, counts = loaded.segment, loaded.counts
    waiting = counts.waiting_bytes
    return FileRow(
        *table.key,
        source_file=segment.source_file,
        file_version=segment.file_version,
        status="loaded",
        size_bytes=segment.size_bytes,
        modified_us=segment.modified_us,
        loaded_bytes=segment.start_byte + counts.byte_count,
        waiting_bytes=waiting,
        line_count=segment.lines_before + counts.line_count,
        content_sha256=loaded.content_sha256,
        head_sha256=segment.head_sha256,
        is_open_ended=counts.is_open_ended or (counts.byte_count == 0 and segment.is_open_ended),
        compression=segment.compression,
        dialect=counts.dialect,
        load_id=load_id,
        message=ledger.waiting_message(waiting) if waiting else None,
    )


def _twin_rows(table: SourceTable, segment: Segment, waiting_bytes: int) -> Iterator[FileRow]:
    for copy in segment.copies:
        yield FileRow(
            *table.key,
            source_file=copy.source_file,
            file_version=copy.file_version,
            status="twin",
            size_bytes=copy.size_bytes,
            modified_us=copy.modified_us,
            twin_of=segment.source_file,
            head_sha256=copy.head_sha256,
            compression=copy.compression,
            waiting_bytes=waiting_bytes if copy.source_file == segment.moved_to else 0,
        )


def problem_row(conn: duckdb.DuckDBPyConnection, table: SourceTable, problem: Problem) -> FileRow:
    """The ledger row of a file with a problem: what was loaded from it before stays on record."""
    segment = problem.segment
    known = ledger.read_files(
        conn,
        "f.source_name = ? and f.table_name = ? and f.source_file = ? and f.file_version = ?",
        [*table.key, segment.source_file, segment.file_version],
    )
    row = known[0] if known else FileRow(*table.key, segment.source_file, segment.file_version, "failed")
    return replace(
        row,
        status=problem.problem.status,
        size_bytes=segment.size_bytes,
        modified_us=segment.modified_us,
        compression=row.compression or segment.compression,
        message=problem.problem.message,
    )


def record_plan(
    conn: duckdb.DuckDBPyConnection, table: SourceTable, rows: Sequence[FileRow], problems: Sequence[Problem]
) -> None:
    """Write what planning found out about files that are not loaded."""
    ledger.record_files(conn, [*rows, *(problem_row(conn, table, problem) for problem in problems)])


def record_run(conn: duckdb.DuckDBPyConnection, run_id: str, tables: Sequence[TableReport]) -> None:
    """Append one row per table to `ingest.load_runs`."""
    for table in tables:
        message = "; ".join(f"{failure.source_file}: {failure.message}" for failure in table.failures[:20])
        conn.execute(
            "insert into ingest.load_runs values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                run_id,
                table.source_name,
                table.table_name,
                table.load_ids[-1] if table.load_ids else None,
                table.status,
                table.file_count,
                table.row_count,
                table.rejected_count,
                table.byte_count,
                table.started_at,
                table.finished_at,
                message or table.message,
            ],
        )
