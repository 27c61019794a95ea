"""Load job of API records: rows and ledger in one transaction, exactly once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest import ledger
from ingest.declarations import SourceTable
from ingest.jobs import transaction
from ingest.results import JobResult


def run_api_job(
    conn: duckdb.DuckDBPyConnection, table: SourceTable, path: Path, load_id: str, job_id: str
) -> JobResult:
    """Load the records of a Parquet file (payload, _source_file, _source_line).

    Raises:
        duckdb.Error: the warehouse refused; nothing of the job was stored.
    """
    with transaction(conn):
        if ledger.is_registered(conn, table.source_name, load_id, job_id):
            return JobResult()
        rows = pq.read_table(path)
        _insert(conn, table, rows, load_id)
        ledger.register_job(conn, table.source_name, load_id, job_id)
    size = pc.sum(pc.binary_length(rows["payload"])).as_py() or 0
    return JobResult(api_row_count=rows.num_rows, api_byte_count=size)


def _insert(conn: duckdb.DuckDBPyConnection, table: SourceTable, rows: pa.Table, load_id: str) -> None:
    """Rows into the raw table; their arrival is added to what other jobs of this load brought."""
    conn.register("_api_rows", rows)
    try:
        conn.execute(
            f"""insert into {table.relation} by name
            select payload, _source_file, _source_line, ? as _dlt_load_id from _api_rows""",
            [load_id],
        )
        conn.execute(
            """create or replace temp table _api_arrivals as
            select
                _source_file as source_file,
                min(_source_line) as first_line,
                count(*) as line_count,
                sum(octet_length(encode(payload)))::bigint as byte_count
            from _api_rows
            group by _source_file
            union all
            select source_file, first_line, line_count, byte_count
            from ingest.arrivals
            where source_name = $1 and table_name = $2 and load_id = $3""",
            [*table.key, load_id],
        )
        conn.execute(
            "delete from ingest.arrivals where source_name = $1 and table_name = $2 and load_id = $3",
            [*table.key, load_id],
        )
        conn.execute(
            """insert into ingest.arrivals by name
            select
                $1 as source_name, $2 as table_name, source_file, 1 as file_version, $3 as load_id,
                min(first_line) as first_line, sum(line_count)::bigint as line_count,
                sum(line_count)::bigint as record_count, 0 as rejected_count, 0 as skipped_line_count,
                sum(byte_count)::bigint as byte_count, $4::timestamp as loaded_at
            from _api_arrivals
            group by source_file""",
            [*table.key, load_id, ledger.now()],
        )
    finally:
        conn.unregister("_api_rows")
