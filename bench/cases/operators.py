"""The floor: what each step from a file to counted views costs by itself, whoever takes it."""

from __future__ import annotations

import hashlib
import resource
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bench import rivals
from bench.data import sample
from bench.settings import Scale, cache
from ingest.documents import document_batch
from ingest.lines import CHUNK_BYTES, Lines, is_utf8, lines_of

Say = Callable[[str], None]

LINES_BYTES = 500_000_000
"""About a million lines; more would only take longer."""

LEVELS = (3, 9, 19)
BLOCK_BYTES = 1_000_000
"""About what DuckDB compresses at once: 2,048 lines."""

FIELDS = "event_id timestamp user_id session_id action page referrer user_agent ip properties"

SESSIONS = """
    select
        session_id, min(happened_at), max(happened_at), count(*), count(*) filter (action = 'page_view'),
        min_by(page, happened_at), max_by(page, happened_at), min_by(referrer, happened_at), min(user_id)
    from values_out group by session_id
"""

TIME_SPENT = """
    select session_id, list_sum(list_transform(
        range(2, len(times) + 1), lambda i: least(times[i] - times[i - 1], 1_800_000_000)
    ))
    from (
        select session_id, list_sort(list(epoch_us(happened_at))) as times from values_out group by session_id
    )
"""
"""The gaps between the events of a session, each cut at half an hour."""

VIEWS = "count(*), count(distinct session_id), count(distinct user_id)"

ANSWERS = {
    "put the events of sessions together": SESSIONS,
    "add up the time spent in sessions": TIME_SPENT,
    "count sessions and visitors of pages": f"""
        select left(timestamp, 10), page, {VIEWS}
        from columns_out where action = 'page_view' group by left(timestamp, 10), page
    """,
    "count sessions and visitors of products": f"""
        select left(timestamp, 10), product, {VIEWS}
        from values_out where action = 'page_view' and product <> '' group by left(timestamp, 10), product
    """,
    "count sessions and visitors of hours": f"""
        select left(timestamp, 13), {VIEWS}
        from columns_out where action = 'page_view' group by left(timestamp, 13)
    """,
}
"""What must be known of all events at least: sessions, and page views with exact distinct counts."""

NO_NUMBER = "-?(?:[nN][aA][nN]|[iI][nN][fF])"

LOOKS = (rf":\s*{NO_NUMBER}", rf",\s*(?:[}}\]]|{NO_NUMBER})", rf"\[\s*{NO_NUMBER}", rf"^\s*{NO_NUMBER}")
"""What DuckDB takes for JSON and RFC 8259 does not: trailing commas, NaN, Infinity (docs/decisions/0008)."""

STRICT = " or ".join(f"regexp_matches(payload, '{pattern}')" for pattern in LOOKS)

REPEATS = "select count(*) from (select hash(event_id) from columns_out group by all having count(*) > 1)"

REFERRED_TO = ("user_id", "path", "product", "user_agent")

UNKNOWN = "select count(*) from values_out where " + " or ".join(
    f"{name} not in (from {name}s_out)" for name in REFERRED_TO
)

CHECKS = {
    "find repeats by a 64-bit key": REPEATS,
    "test that no key is left twice": REPEATS,
    "test references to sessions": """
        select count(*) from columns_out where not exists (
            select 1 from sessions_out where hash(sessions_out.session_id) = hash(columns_out.session_id)
        )
    """,
    "test references to users, pages, products and agents": UNKNOWN,
}
"""Repeats are found once to drop them, once to prove that they are gone."""

WRITE = "write sessions"
WRITE_FOR_READERS = "write sessions again, for readers"

OF_A_DATE = (
    *ANSWERS,
    WRITE,
    WRITE_FOR_READERS,
    "test that no key is left twice",
    "test references to sessions",
    "test references to users, pages, products and agents",
)
"""What a date that got late lines takes again where its events are counted anew."""

PRODUCT = "regexp_extract(page, '/products?/([^/?#]+)', 1)"

VALUES = f"""
    try_cast(timestamp as timestamptz), split_part(page, '?', 1), split_part(page, '?', 2), {PRODUCT}
"""
"""Times, paths, queries and products: the least that is made of texts."""

MADE_OF_TEXTS = f"""
    create table values_out as
    select
        *, try_cast(timestamp as timestamptz) as happened_at, split_part(page, '?', 1) as path,
        {PRODUCT} as product
    from columns_out
"""
"""What the answers are read from; to write it is no operator, its values are measured by themselves."""

EVENTS = f"""
    select
        try_cast(event_id as uuid), try_cast(timestamp as timestamptz), user_id, session_id, action,
        split_part(page, '?', 1), split_part(page, '?', 2), {PRODUCT}, referrer, user_agent, ip
    from columns_out
"""
"""The least that is kept of an event: an identifier of the sample is a UUID, properties stay in the lines."""

KEPT = {"packed": "the lines, zstd", "events_out": "events in typed columns", "sessions_out": "sessions"}
"""Tables that every layered warehouse keeps, and what they hold."""

AS_THEY_ARE = "write the lines, as they are"
"""Shown to compare with zstd: nobody needs both."""


def operators(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """CPU seconds per million lines of each step; bytes that zstd makes of the lines, and tables take."""
    files = rivals.clean_logs(sample(scale.day, 1))
    data = _beginning(files)
    lines = lines_of(data)
    say(f"operators on {len(lines):,} lines")
    steps: dict[str, list[float]] = {}
    for _ in range(runs):
        statements, kept = _statements(lines)
        for name, seconds in (_files(data, lines) | statements).items():
            steps.setdefault(name, []).append(seconds * 1e6 / len(lines))
    return {
        "lines": len(lines),
        "bytes": len(data),
        "cpu_seconds_per_million": {
            name: round(statistics.median(values), 2) for name, values in steps.items()
        },
        "compressed_bytes_per_byte": {str(level): _ratio(data, level) for level in LEVELS},
        "table_bytes_per_byte": {name: round(size / len(data), 3) for name, size in kept.items()},
    }


def _beginning(files: list[Path]) -> bytes:
    parts, size = [], 0
    for path in files:
        parts.append(path.read_bytes()[: LINES_BYTES - size])
        size += len(parts[-1])
        if size >= LINES_BYTES:
            break
    data = b"".join(parts)
    return data[: data.rindex(b"\n") + 1]


def _cpu(step: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    step()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _files(data: bytes, lines: Lines) -> dict[str, float]:
    """What ingest does with the bytes before DuckDB has them."""
    return {
        "find the lines": _cpu(lambda: _find_lines(data)),
        "hash the bytes (sha256)": _cpu(lambda: hashlib.sha256(data).digest()),
        "check that they are UTF-8": _cpu(lambda: is_utf8(lines.data, 0, len(data))),
    }


def _find_lines(data: bytes) -> None:
    """In chunks, as a file is read: positions of so many lines at once would not fit into the cache."""
    for start in range(0, len(data), CHUNK_BYTES):
        lines_of(data[start : start + CHUNK_BYTES])


def _statements(lines: Lines) -> tuple[dict[str, float], dict[str, int]]:
    """What DuckDB does: lines to a table and out of it again, into columns; bytes of the `KEPT` tables."""
    folder = Path(tempfile.mkdtemp(dir=_made(cache())))
    connection = duckdb.connect(
        str(folder / "operators.duckdb"), config={"storage_compatibility_version": "v1.5.0"}
    )
    connection.execute("set TimeZone = 'UTC'")
    try:
        batch = document_batch(lines, "operators.jsonl", 1)
        connection.register("rows_in", pa.Table.from_batches([batch]))

        def cost(sql: str) -> float:
            return _cpu(lambda: connection.execute(sql).fetchall())

        shape = ", ".join(f'"{name}": "VARCHAR"' for name in FIELDS.split())
        parsed = f"from_json(payload, '{{{shape}}}')"
        found = {AS_THEY_ARE: cost(_table("plain", "")) + cost("checkpoint")}
        found["write the lines, zstd"] = cost(_table("packed", "using compression zstd")) + cost("checkpoint")
        read = cost("select max(hash(payload)) from packed")
        found["read them again"] = read
        found["json_valid"] = cost("select count(*) filter (json_valid(payload)) from packed") - read
        found["tell strict JSON from what DuckDB takes"] = (
            cost(f"select max(hash(payload)) from packed where not ({STRICT})") - read
        )
        fields = cost(f"select max(hash({parsed})) from packed")
        found["parse ten fields (from_json)"] = fields - read
        found["names and types of all fields"] = (
            cost("select max(hash(json_keys(payload), json_type(payload, '$.*'))) from packed") - read
        )
        written = f"create table columns_out as select unnest({parsed}) from packed"
        found["write ten text columns"] = cost(written) + cost("checkpoint") - fields
        found["times, paths and products of texts"] = cost(
            f"select max(hash({VALUES})) from columns_out"
        ) - cost("select max(hash(timestamp, page)) from columns_out")
        connection.execute(MADE_OF_TEXTS)
        for name in REFERRED_TO:
            connection.execute(
                f"create table {name}s_out as select distinct {name} from values_out where {name} is not null"
            )
        for name, sql in ANSWERS.items():
            found[name] = cost(f"select max(hash(answer)) from ({sql}) as answer")
        connection.execute(f"create temp table sessions as {SESSIONS}")
        found[WRITE] = cost("create table sessions_out as from sessions") + cost("checkpoint")
        connection.execute(f"attach '{folder}/readers.duckdb' as readers")
        found[WRITE_FOR_READERS] = (
            cost("create table readers.sessions as from sessions_out")
            + cost("checkpoint readers")
            + cost(f"copy sessions_out to '{folder}/sessions.parquet' (compression zstd)")
        )
        for name, sql in CHECKS.items():
            found[name] = cost(sql)
        connection.execute(f"create table events_out as {EVENTS}")
        connection.execute("checkpoint")
        return found, {what: _bytes_of(connection, table) for table, what in KEPT.items()}
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)


def _table(name: str, compression: str) -> str:
    return (
        f"create table {name} (payload varchar {compression}); insert into {name} select payload from rows_in"
    )


def _bytes_of(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Bytes of the blocks that hold a table."""
    row = connection.execute(
        """
        select
            count(distinct block)
            * (select block_size from pragma_database_size() where database_name = current_database())
        from (
            select unnest(list_prepend(block_id, additional_block_ids)) as block from pragma_storage_info(?)
        )
        where block >= 0
        """,
        [table],
    ).fetchone()
    return int(row[0]) if row else 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _ratio(data: bytes, level: int) -> float:
    """Compressed bytes per byte, in blocks; on a twentieth of the lines, for level 19 takes its time."""
    codec = pa.Codec("zstd", compression_level=level)
    part = data[: max(len(data) // 20, min(len(data), BLOCK_BYTES))]
    blocks = [part[start : start + BLOCK_BYTES] for start in range(0, len(part), BLOCK_BYTES)]
    return round(sum(len(codec.compress(block)) for block in blocks) / len(part), 3)
