"""Looking into files to tell cases apart: their beginning, their first lines, the start of what is new."""

from __future__ import annotations

from dataclasses import dataclass
from io import FileIO

import duckdb

from ingest import ledger
from ingest.content import Source, detect_compression, fill, new_hash, open_content, read_head
from ingest.declarations import SourceTable
from ingest.documents import is_complete_json
from ingest.ledger import FileRow
from ingest.segments import Segment

PROBE_BYTES = 1 << 20
PROBE_LINES = 64
"""A rewritten file is changed, not restarted, when half of its first lines were loaded from it before."""


@dataclass(frozen=True)
class Heads:
    """The beginning of a file.

    Args:
        compression: `none`, `gzip` or `zstd`.
        length: of the head: 4 KiB, or less when the content is shorter.
    """

    compression: str
    length: int
    sha256: str

    @classmethod
    def read(cls, path: str, table: SourceTable) -> Heads:
        """Open a file and look at its first 4 KiB."""
        setting = "none" if table.kind == "parquet" else str(table.settings.get("compression", "auto"))
        compression = detect_compression(path, setting)
        head = read_head(path, compression)
        hasher = new_hash()
        hasher.update(memoryview(head))
        return cls(compression, len(head), hasher.hexdigest())


def brings_lines(segment: Segment, kind: str) -> bool:
    """Whether a plain file holds more than the beginning of a line behind its loaded part."""
    left = segment.size_bytes - segment.start_byte
    new = b""
    with open_content(segment.path, "none") as source:
        _skip(source, segment.start_byte)
        while left:
            buffer = memoryview(bytearray(min(left, PROBE_BYTES)))
            count = fill(source, buffer)
            if not count or b"\n" in bytes(buffer[:count]):
                return bool(count)
            new += buffer[:count]
            left -= count
    return kind == "jsonl" and is_complete_json(new)


def _skip(source: Source, start: int) -> None:
    if isinstance(source, FileIO):
        source.seek(start)


def repeats_lines(
    conn: duckdb.DuckDBPyConnection, table: SourceTable, segment: Segment, known: FileRow
) -> bool:
    """Whether the file's first lines are, at least by half, lines that were loaded from it before."""
    start = read_head(segment.path, segment.compression, PROBE_BYTES)
    complete, newline, _ = start.rpartition(b"\n")
    lines = (complete if newline else start).replace(b"\r\n", b"\n").split(b"\n")
    probes = [line.decode(errors="replace") for line in lines[:PROBE_LINES] if line]
    if not probes:
        return False
    repeated = ledger.scalar(
        conn,
        f"""select count(*) from (select unnest(cast(? as varchar[])) as payload) as probe
        where payload in (
            select payload from {table.relation} where _source_file = ? and _dlt_load_id in (
                select load_id from ingest.arrivals
                where source_name = ? and table_name = ? and source_file = ? and file_version = ?))""",
        [probes, known.source_file, *table.key, known.source_file, known.file_version],
    )
    return 2 * int(repeated) >= len(probes)
