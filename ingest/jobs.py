"""One load job: segments of files into a raw table and the ledger, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import cast

import duckdb
import pyarrow as pa

from ingest import ledger
from ingest.declarations import LINE_KINDS, SourceTable
from ingest.parquet import column_types, widen_columns
from ingest.problems import FileProblem, unexpected
from ingest.progress import Reporter
from ingest.raw_tables import add_columns
from ingest.reading import PrefixHashes, read_segment
from ingest.recording import record_job
from ingest.results import JobResult, Loaded, Problem
from ingest.segments import FileJob, Segment


class _HalfReadError(Exception):
    """A segment failed after rows of it were handed to the INSERT: the job starts anew without it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.problem.message)
        self.problem = problem


SMALL_ROWS, JOINED_ROWS = 2_048, 8_192
"""Batches of fewer rows are joined until they have so many."""


DATA_ERRORS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConstraintException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.NotImplementedException,
    duckdb.OutOfRangeException,
    duckdb.TypeMismatchException,
)
"""Errors that lie in the rows or the table; others (full disk, memory) pass, and the job is run again."""


@contextmanager
def transaction(conn: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A transaction that commits at the end and rolls back on any error."""
    conn.begin()
    try:
        yield
        conn.commit()
    except BaseException:
        with suppress(duckdb.TransactionException):  # DuckDB may have ended it itself
            conn.rollback()
        raise


def run_file_job(
    conn: duckdb.DuckDBPyConnection,
    job: FileJob,
    load_id: str,
    job_id: str,
    *,
    prefixes: PrefixHashes,
    reporter: Reporter,
) -> JobResult:
    """Load a job's segments, exactly once.

    A segment with a problem is left out and recorded in the ledger; the others are loaded. All rows,
    ledger entries and the mark that the job is done are committed together.

    Raises:
        duckdb.Error: the warehouse refused (disk full, memory limit); nothing of the job was stored.
    """
    problems: list[Problem] = []
    while True:
        try:
            return _attempt(conn, job, load_id, job_id, problems, prefixes, reporter)
        except _HalfReadError as half:
            problems.append(half.problem)
        except DATA_ERRORS as error:
            if len(problems) >= len(job.segments):
                raise
            # Not to be repeated for ever: the files are told as failed, and looked at again on the next run.
            found = FileProblem(f"The warehouse refused the rows ({error}). Nothing was loaded.")
            problems = [Problem(segment, found) for segment in job.segments]


def _attempt(
    conn: duckdb.DuckDBPyConnection,
    job: FileJob,
    load_id: str,
    job_id: str,
    known_problems: list[Problem],
    prefixes: PrefixHashes,
    reporter: Reporter,
) -> JobResult:
    result = JobResult(problems=list(known_problems))
    table = job.table
    with transaction(conn):
        if ledger.is_registered(conn, table.source_name, load_id, job_id):
            return JobResult()
        left_out = {problem.segment.source_file for problem in known_problems}
        segments = [s for s in _still_wanted(conn, job) if s.source_file not in left_out]
        stream = _Stream(table, segments, prefixes, reporter, result)
        for schema, batches in groupby(stream.batches(), key=lambda batch: batch.schema):
            _insert(conn, table, schema, _joined(batches), load_id, stream)
        record_job(conn, table, load_id, result)
        ledger.register_job(conn, table.source_name, load_id, job_id)
    return result


def _still_wanted(conn: duckdb.DuckDBPyConnection, job: FileJob) -> list[Segment]:
    """The segments that continue what the ledger holds now; a plan of another time is not forced onto it."""
    names = [segment.source_file for segment in job.segments]
    rows = ledger.read_files(
        conn,
        "f.source_name = ? and f.table_name = ? and f.source_file in (select unnest(cast(? as varchar[])))",
        [*job.table.key, names],
    )
    loaded = {(row.source_file, row.file_version): row.loaded_bytes or 0 for row in rows if row.has_content}
    return [s for s in job.segments if loaded.get((s.source_file, s.file_version), 0) == s.start_byte]


class _Stream:
    """The batches of all segments in order; keeps the error that DuckDB would wrap."""

    def __init__(
        self,
        table: SourceTable,
        segments: list[Segment],
        prefixes: PrefixHashes,
        reporter: Reporter,
        result: JobResult,
    ) -> None:
        self._table = table
        self._segments = segments
        self._prefixes = prefixes
        self._reporter = reporter
        self._result = result
        self.current = segments[0] if segments else None
        self.error: BaseException | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for segment in self._segments:
                yield from self._segment(segment)
        except BaseException as error:
            self.error = error
            raise

    def _segment(self, segment: Segment) -> Iterator[pa.RecordBatch]:
        """A segment's batches, one behind the reader: a small file is known to be whole before it counts."""
        name = ".".join(self._table.key)

        def on_bytes(count: int) -> None:
            self._reporter.advance(name, byte_count=count)

        self.current = segment
        reader = read_segment(self._table, segment, self._prefixes, on_bytes)
        held: pa.RecordBatch | None = None
        is_begun = False
        while True:
            try:
                batch = next(reader)
            except StopIteration as stop:
                if held is not None:
                    yield held
                    self._reporter.advance(name, rows=held.num_rows)
                loaded: Loaded = stop.value
                self._result.loaded.append(loaded)
                self._reporter.advance(name, files=1)
                return
            except Exception as error:
                problem = Problem(segment, error if isinstance(error, FileProblem) else unexpected(error))
                if is_begun:
                    raise _HalfReadError(problem) from error
                self._result.problems.append(problem)
                return
            if held is not None:
                is_begun = True
                yield held
                self._reporter.advance(name, rows=held.num_rows)
            held = batch


def _joined(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Small batches joined: DuckDB takes 0.5 ms for each, however small."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if batch.num_rows < SMALL_ROWS:
            held.append(batch)
            rows += batch.num_rows
            if rows < JOINED_ROWS:
                continue
        elif not held:
            yield batch
            continue
        else:
            held.append(batch)
        yield pa.concat_batches(held)
        held, rows = [], 0
    if held:
        yield pa.concat_batches(held)


def _fit_columns(
    conn: duckdb.DuckDBPyConnection, table: SourceTable, schema: pa.Schema, stream: _Stream
) -> None:
    """Give the raw table the columns of a file."""
    types = column_types(conn, schema)
    add_columns(conn, table, types)
    if table.kind == "parquet":
        try:
            widen_columns(conn, table, types)
        except FileProblem as problem:
            raise _HalfReadError(Problem(cast(Segment, stream.current), problem)) from problem


def _insert(
    conn: duckdb.DuckDBPyConnection,
    table: SourceTable,
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    load_id: str,
    stream: _Stream,
) -> None:
    if table.kind not in LINE_KINDS:
        _fit_columns(conn, table, schema, stream)
    conn.register("_segment_rows", pa.RecordBatchReader.from_batches(schema, batches))
    try:
        conn.execute(
            f"insert into {table.relation} by name select *, ? as _dlt_load_id from _segment_rows", [load_id]
        )
    except duckdb.Error:
        if stream.error is not None:
            raise stream.error from None
        raise
    finally:
        with suppress(duckdb.Error):  # after an error the rollback removes it
            conn.unregister("_segment_rows")
