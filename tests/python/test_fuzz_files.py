"""Files as nobody should write them: rows in = rows accounted for, raw equals input, no run stops.

`make fuzz` makes more of them, and others each time.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import csv_file, line_file
from test_ingest_lines import expected_lines
from test_ingest_support import assert_accounted, manifest, put, query, run

from clickstream.settings import Home

FILES = 25  # of one example: they are loaded in one run, which costs more than the files
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
IS_LONG = "FUZZ_EXAMPLES" in os.environ

fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not IS_LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)

OLD = 1_000_000_000
JSON_LINES = manifest(web__logs={"kind": "jsonl", "path": "inbox/*"})
CSV = manifest(shop__products={"kind": "csv", "path": "inbox/*"})

Rows = dict[str, list[tuple[Any, ...]]]


def _put_all(home: Home, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        os.utime(put(home, name, data), (OLD, OLD))


def _by_file(home: Home, sql: str) -> Rows:
    found: Rows = {}
    for name, *values in query(home, sql):
        found.setdefault(str(name).removeprefix("inbox/"), []).append(tuple(values))
    return found


def _twins(files: dict[str, bytes]) -> set[str]:
    """Files whose content an earlier one has."""
    first: dict[bytes, str] = {}
    return {name for name, data in sorted(files.items()) if data and first.setdefault(data, name) != name}


@fuzz
@given(st.integers(0, 2**32))
def test_raw_equals_the_lines_of_any_file(seed: int) -> None:
    files = {f"{number:02}": line_file(seed + number) for number in range(FILES)}
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        _put_all(home, files)
        report = run(home, JSON_LINES)
        assert report.failures == []
        rows = _by_file(
            home,
            """select _source_file, _source_line, coalesce(_payload_bytes, encode(payload)), payload
            from raw_web.logs order by all""",
        )
        states = _by_file(home, "select source_file, status, line_count from ingest.files")
        assert_accounted(home)
    twins = _twins(files)
    for name, data in files.items():
        lines = [] if name in twins else expected_lines(data)
        shown = [line.decode(errors="replace") for line in lines]
        assert rows.get(name, []) == list(zip(range(1, len(lines) + 1), lines, shown, strict=True))
        assert states[name] == [("twin", None) if name in twins else ("loaded", len(lines))]


REASONS = {"invalid_utf8", "repeated_header", "text_after_quote", "unclosed_quote", "wrong_field_count"}
NO_CSV = ("The header ", "The delimiter is not clear", "The file holds no header yet")
"""What is said of a file whose dialect cannot be known: it is refused whole, with the reason."""


def _with_name(rows: list[tuple[Any, ...]], columns: list[str]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _python_record(lines: list[bytes], start: int, dialect: dict[str, Any]) -> tuple[list[str], int]:
    """The record that Python's csv module reads at a line, and how many lines it takes."""
    ending, other = ("\r", "\n") if dialect["newline"] == "CR" else ("\n", "\r")

    def texts() -> Iterator[str]:
        for line in lines[start:]:
            text = line.decode()
            kept = 0 if not text.endswith(ending) else 1 if ending == "\r" else 2
            cut = len(text) - kept
            # csv takes the other one of CR and LF within a line for a newline too; we do not
            yield text[:cut].replace(other, "\ue000") + (text[cut:] or ending)

    reader = csv.reader(texts(), delimiter=dialect["delimiter"], strict=True)
    values = [value.replace("\ue000", other) for value in next(reader)]
    return values or [""], reader.line_num


def check_csv(files: dict[str, bytes]) -> Counter[str]:
    """Load files and follow each of their lines; returns how many lines went where."""
    csv.field_size_limit(1 << 30)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        _put_all(home, files)
        report = run(home, CSV)
        assert_accounted(home, "raw_shop.products")
        columns = [row[0] for row in query(home, "describe raw_shop.products")]
        names = ", ".join(f'"{name}"' for name in columns)
        rows = _by_file(home, f"select _source_file, {names} from raw_shop.products order by _source_line")
        refused = _by_file(
            home,
            """select source_file, source_line, coalesce(payload_bytes, encode(payload)), reason
            from ingest.rejected_records order by all""",
        )
        states = _by_file(home, "select source_file, status, line_count, dialect from ingest.files")
        skipped = _by_file(home, "select source_file, skipped_line_count from ingest.arrivals")
    failed = {failure.source_file.removeprefix("inbox/"): failure.message for failure in report.failures}
    assert all(message.startswith(NO_CSV) for message in failed.values()), failed
    counts: Counter[str] = Counter(files=len(files), refused_files=len(failed))
    twins = _twins(files)
    for name, data in files.items():
        status, line_count, dialect = states[name][0]
        if name in failed or status == "twin" or not data:
            assert status == ("failed" if name in failed else "twin" if name in twins else "loaded")
            assert not rows.get(name)
            assert not refused.get(name)
            continue
        records = _with_name(rows.get(name, []), columns)
        found = _follow_lines(data, json.loads(dialect), records, refused.get(name, []))
        assert (line_count, skipped[name]) == (found["lines"], [(found["skipped"],)])
        counts += found
    return counts


def _follow_lines(
    data: bytes, dialect: dict[str, Any], records: list[dict[str, Any]], refused: list[tuple[Any, ...]]
) -> Counter[str]:
    """Give each physical line to the header, a record, a refused record, or find it blank: to one of them."""
    ending = b"\r" if dialect["newline"] == "CR" else b"\n"
    *complete, last = data.removeprefix(b"\xef\xbb\xbf").split(ending)
    lines = [line + ending for line in complete] + ([last] if last else [])
    owners: list[str | None] = ["header"] * (dialect["skipped"] + dialect["header_lines"])
    owners += [None] * (len(lines) - len(owners))
    counts = Counter(lines=len(lines), skipped=len([owner for owner in owners if owner]))

    def take(start: int, span: int, owner: str) -> None:
        assert owners[start : start + span] == [None] * span
        owners[start : start + span] = [owner] * span
        counts[owner] += 1
        counts["skipped"] += span - 1

    for record in records:
        start = record["_source_line"] - 1
        values, span = _python_record(lines, start, dialect)
        assert [record[name] or "" for name in dialect["columns"]] == values
        assert values != dialect["header"]
        take(start, span, "record")
    for line, content, reason in refused:
        start, span = line - 1, content.count(ending) + 1
        whole = b"".join(lines[start : start + span]).removesuffix(ending)
        assert content in (whole, whole.removesuffix(b"\r"))
        reasons = set(reason.split(","))
        assert reasons <= REASONS
        assert ("invalid_utf8" in reasons) == (content != content.decode(errors="replace").encode())
        take(start, span, "refused")
    blank = [number for number, owner in enumerate(owners) if owner is None]
    assert all(lines[number] in (ending, b"\r\n") for number in blank)
    counts["skipped"] += len(blank)
    return counts


@fuzz
@given(st.integers(0, 2**32))
def test_every_line_of_any_csv_file_is_in_a_record_refused_or_skipped(seed: int) -> None:
    check_csv({f"{number:02}": csv_file(seed + number) for number in range(FILES)})


def test_the_files_hold_what_they_are_meant_to_hold() -> None:
    counts = check_csv({f"{number:03}": csv_file(number) for number in range(300)})
    assert counts["files"] == 300
    assert counts["refused_files"] > 10
    assert counts["record"] > 500
    assert counts["refused"] > 100
    assert counts["skipped"] > 300


def test_ten_thousand_columns_and_lines_of_fifty_megabytes_are_loaded(home: Home) -> None:
    wide = ",".join(f"c{number}" for number in range(10_000)).encode()
    long = b"x" * 50_000_000
    put(
        home,
        "wide.csv",
        wide + b"\n" + b",".join([b"1"] * 10_000) + b"\n" + b",".join([b"1"] * 9_999) + b"\n",
    )
    put(home, "long.csv", b'c0,c1\n1,"' + long + b'"\n2,' + long + b'\n3,"' + long + b"\n4,x\n")
    declared = manifest(shop__products={"kind": "csv", "path": "inbox/*.csv"})
    report = run(home, declared)
    assert (report.failures, report.row_count, report.rejected_count) == ([], 4, 2)
    found = query(home, "select c0, strlen(c1), c9999 from raw_shop.products order by all")
    assert found == [("1", 1, "1"), ("1", 50_000_000, None), ("2", 50_000_000, None), ("4", 1, None)]
    kept = query(
        home, "select source_line, strlen(payload), reason from ingest.rejected_records order by all"
    )
    assert kept == [(3, 19_999 - 2, "wrong_field_count"), (4, 50_000_003, "unclosed_quote")]
