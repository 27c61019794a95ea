"""CSV files: every field comes out as it was written, every line is accounted for."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_ingest_support import assert_accounted, manifest, put, query, run

from clickstream.settings import Home
from ingest.content import new_hash
from ingest.csv_dialect import find_dialect
from ingest.csv_records import read_csv
from ingest.declarations import SourceTable
from ingest.lines import split_lines
from ingest.problems import FileProblem
from ingest.segments import Counts, Segment

CSV = manifest(shop__products={"kind": "csv", "path": "inbox/*.csv*"})
TABLE = SourceTable("shop", "products", "raw_shop", "products", "csv", {})

Rows = list[list[str | None]]


def parse(
    data: bytes, table: SourceTable = TABLE, chunk_bytes: int = 1 << 20, *, takes_tail: bool = True
) -> tuple[Rows, Counts, list[int], str]:
    """Records, figures, line numbers and hash of a whole file."""
    dialect = find_dialect(table, data)
    assert dialect is not None
    segment = Segment("f.csv", 1, "f.csv", len(data), 0, "none", "", takes_tail=takes_tail)
    hasher = new_hash()
    chunks = split_lines(
        io.BytesIO(data), hasher=new_hash(), newline=dialect.newline_byte, chunk_bytes=chunk_bytes
    )
    reader = read_csv(chunks, segment, dialect, hasher)
    rows: Rows = []
    numbers: list[int] = []
    while True:
        try:
            batch = next(reader)
        except StopIteration as stop:
            return rows, stop.value, numbers, hasher.hexdigest()
        rows += [list(row) for row in zip(*(c.to_pylist() for c in batch.columns[:-2]), strict=True)]
        numbers += batch.column("_source_line").to_pylist()


def write(rows: Rows, delimiter: str = ",", newline: str = "\n") -> bytes:
    """RFC 4180 with NULL as nothing and '' as two quotes."""

    def cell(value: str | None) -> str:
        if value is None:
            return ""
        if value == "" or any(char in value for char in (delimiter, '"', "\r", "\n")):
            return '"' + value.replace('"', '""') + '"'
        return value

    return "".join(delimiter.join(cell(value) for value in row) + newline for row in rows).encode()


CELL = st.none() | st.text(
    st.sampled_from("ab \",;\t|'\r\n\x00é😀0") | st.characters(exclude_categories=["Cs"]), max_size=8
)


@settings(deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12)
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
@example([[None, ""], ["", None]], ",", "\n", 1)
@example([["a\r\nb", '"'], ['""', "x"]], ",", "\r\n", 3)
def test_every_field_comes_out_as_written(rows: Rows, delimiter: str, newline: str, chunk_bytes: int) -> None:
    width = len(rows[0]) if rows else 2
    header = [f"c{number}" for number in range(width)]
    data = write([list(header)], delimiter, newline) + write(rows, delimiter, newline)
    found, counts, numbers, sha256 = parse(data, chunk_bytes=chunk_bytes)
    assert found == rows
    assert numbers == sorted(numbers)
    assert counts.byte_count == len(data)
    assert counts.line_count == data.count(b"\n")
    whole = new_hash()
    whole.update(memoryview(data))
    assert sha256 == whole.hexdigest()


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"1,2",
                b'"a",b',
                b'"open,x',
                b'x"y,z',
                b'"a"b,c',
                b"1,2,3",
                b"",
                b"\xff,1",
                b'"\xff",1',
                b'"p\nq",2',
                b"a,b",
                b'"a","b"',
                b"\x00,\r",
                b'"",""',
                b'""",1',
                b",",
            ]
        )
        | st.binary(max_size=12),
        max_size=30,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
    st.integers(1, 60),
    st.booleans(),
)
def test_whatever_the_lines_hold_they_add_up_and_nothing_is_lost(
    lines: list[bytes], newline: bytes, chunk_bytes: int, ends: bool
) -> None:
    data = b"a,b\n" + newline.join(lines) + (newline if ends else b"")
    rows, counts, numbers, _ = parse(data, chunk_bytes=chunk_bytes)
    assert counts.byte_count == len(data)
    physical = data.split(b"\n")
    assert counts.line_count == len(physical) - (not physical[-1])
    assert len(rows) + len(counts.rejected) + counts.skipped_line_count == counts.line_count
    assert len(rows) == counts.record_count
    for rejected in counts.rejected:
        assert rejected.data.split(b"\n")[0].rstrip(b"\r") == physical[rejected.line - 1].rstrip(b"\r")
    assert len({*numbers, *(rejected.line for rejected in counts.rejected)}) == len(rows) + len(
        counts.rejected
    )
    assert (rows, counts.rejected) == (parse(data)[0], parse(data)[1].rejected)


def rejects(data: bytes) -> list[tuple[int, bytes, str]]:
    return [(r.line, r.data, r.reason) for r in parse(data)[1].rejected]


def test_reasons_and_lines_of_rejected_records() -> None:
    data = (
        b'id,name\n1,ok\n2\n3,"x"y\n4,"never closed\n5,ok\n\n6,\xff\n7,"\xff\n"\n'
        b'id,name\n8,a,b\n"id","name"\n9,"ok\n9"\n'
    )
    rows, counts, numbers, _ = parse(data)
    assert rows == [["1", "ok"], ["5", "ok"], ["9", "ok\n9"]]
    assert numbers == [2, 6, 14]
    assert rejects(data) == [
        (3, b"2", "wrong_field_count"),
        (4, b'3,"x"y', "text_after_quote"),
        (5, b'4,"never closed', "unclosed_quote"),
        (8, b"6,\xff", "invalid_utf8"),
        (9, b'7,"\xff\n"', "invalid_utf8"),
        (11, b"id,name", "repeated_header"),
        (12, b"8,a,b", "wrong_field_count"),
        (13, b'"id","name"', "repeated_header"),
    ]
    assert counts.skipped_line_count == 4


@pytest.mark.parametrize(
    ("start", "delimiter"),
    [
        (b"a,b\n", ","),
        (b"a;b\n1,5;2\n", ";"),
        (b"a\tb,c\n1\t2\n", "\t"),
        (b"a|b\n", "|"),
        (b"only\n", ","),
        (b'"a;x",b\n', ","),
    ],
)
def test_the_delimiter_is_found_in_the_header(start: bytes, delimiter: str) -> None:
    dialect = find_dialect(TABLE, start)
    assert dialect is not None
    assert (dialect.delimiter, dialect.is_detected) == (delimiter, True)


def test_an_unclear_delimiter_is_a_problem() -> None:
    with pytest.raises(FileProblem, match="delimiter is not clear"):
        find_dialect(TABLE, b"a,b;c\n1,2;3\n")


def test_lines_end_with_cr_alone_where_a_file_has_no_lf() -> None:
    rows, counts, numbers, _ = parse(b'a,b\r1,2\r"x\ry",4\r')
    assert (rows, numbers) == ([["1", "2"], ["x\ry", "4"]], [2, 3])
    assert json.loads(counts.dialect or "")["newline"] == "CR"


def test_an_lf_within_quotes_does_not_make_a_file_of_cr_lines_one_of_lf_lines() -> None:
    rows, _, numbers, _ = parse(b'a,b\r"x\ny",2\r3,4\r')
    assert (rows, numbers) == ([["x\ny", "2"], ["3", "4"]], [2, 3])
    rows, _, numbers, _ = parse(b'a,b\n"x\ry",2\n"\r\r\r",4\n')
    assert (rows, numbers) == ([["x\ry", "2"], ["\r\r\r", "4"]], [2, 3])


def declared_with(**values: Any) -> SourceTable:
    columns = tuple((name, None) for name in values.pop("columns", ()))
    return SourceTable("shop", "products", "raw_shop", "products", "csv", values, columns)


def test_settings_come_before_what_is_found() -> None:
    table = declared_with(delimiter=";", quote="'", skip=2)
    rows, counts, _, _ = parse(b"x\ny\na;'b,c'\n'1;2';\"\n", table)
    assert rows == [["1;2", '"']]
    assert json.loads(counts.dialect or "")["header"] == ["a", "b,c"]
    assert counts.skipped_line_count == 3


def test_a_bom_is_dropped_with_and_without_header() -> None:
    assert parse(b"\xef\xbb\xbfa,b\n1,2\n")[0] == [["1", "2"]]
    assert parse(b"\xef\xbb\xbf1,2\n", declared_with(header=False, columns=["a", "b"]))[0] == [["1", "2"]]
    assert parse(b'\xef\xbb\xbf"1",2\n', declared_with(header=False, columns=["a", "b"]))[0] == [["1", "2"]]


def test_the_last_record_counts_without_newline() -> None:
    assert parse(b"a,b\n1,2\n3,4")[0] == [["1", "2"], ["3", "4"]]
    assert parse(b'a,b\n1,"2')[1].rejected[0].reason == "unclosed_quote"
    rows, counts, _, _ = parse(b'a,b\n1,2\n3,"x\ny', takes_tail=False)
    assert (rows, counts.waiting_bytes, counts.byte_count) == ([["1", "2"]], 6, 8)


def test_csv_files_load_as_text_and_null_is_not_empty(home: Home) -> None:
    put(home, "a.csv", b'Product ID,name,Price\n00123,"",1.10\n7,,"2\n3"\n')
    report = run(home, CSV)
    assert (report.row_count, report.failures) == (2, [])
    rows = query(
        home, "select product_id, name, price, _source_line from raw_shop.products order by _source_line"
    )
    assert rows == [("00123", "", "1.10", 2), ("7", None, "2\n3", 3)]
    assert query(home, "select line_count, record_count, skipped_line_count from ingest.arrivals") == [
        (4, 2, 2)
    ]
    assert_accounted(home, "raw_shop.products")


def test_columns_may_come_reordered_in_other_case_new_or_missing(home: Home) -> None:
    put(home, "1.csv", b"id,name\n1,a\n")
    put(home, "2.csv", b"NAME;ID;extra field\nb;2;x\n")
    put(home, "3.csv", b"id,,id,_source_file\n3,p,q,r\n")
    report = run(home, CSV)
    assert report.failures == []
    rows = query(
        home,
        "select id, name, extra_field, column_2, id_2, _source_file_2 from raw_shop.products order by id",
    )
    assert rows == [
        ("1", "a", None, None, None, None),
        ("2", "b", "x", None, None, None),
        ("3", None, None, "p", "q", "r"),
    ]


def test_declared_columns_exist_before_any_file_and_two_thousand_new_ones_load(home: Home) -> None:
    declared = manifest(
        shop__products={"kind": "csv", "path": "inbox/*.csv", "columns": ["Product ID", "name"]}
    )
    assert run(home, declared).message == "No file matches inbox/*.csv."
    assert query(home, "select product_id, name from raw_shop.products") == []
    wide = ["name", *(f"c{number}" for number in range(2_000))]
    put(home, "wide.csv", ",".join(wide).encode() + b"\n" + b",".join(b"v" for _ in wide) + b"\n")
    assert run(home, declared).row_count == 1
    assert query(home, "select product_id, name, c1999 from raw_shop.products") == [(None, "v", "v")]


def test_a_missing_header_names_the_expected_columns(home: Home) -> None:
    declared = manifest(shop__products={"kind": "csv", "path": "inbox/*.csv", "columns": ["id", "name"]})
    put(home, "bad.csv", b"1,a\n2,b\n")
    put(home, "good.csv", b"id,name\n3,c\n")
    report = run(home, declared)
    assert report.row_count == 1
    assert report.failures[0].source_file == "inbox/bad.csv"
    assert "id, name" in report.failures[0].message
    assert query(home, "select status from ingest.files order by source_file") == [("failed",), ("loaded",)]


def test_rejected_records_keep_their_bytes_and_the_load(home: Home) -> None:
    put(home, "a.csv.gz", gzip.compress(b"id,name\n1,\xff\n2\n3,c\n"))
    assert run(home, CSV).rejected_count == 2
    rows = query(
        home,
        "select source_line, payload, payload_bytes, reason from ingest.rejected_records order by 1",
    )
    assert rows == [(2, "1,\ufffd", b"1,\xff", "invalid_utf8"), (3, "2", None, "wrong_field_count")]
    assert_accounted(home, "raw_shop.products")


def test_a_grown_csv_goes_on_with_its_dialect(home: Home) -> None:
    path = put(home, "a.csv", b"a;b\n1;2\n")
    run(home, CSV)
    path.write_bytes(b"a;b\n1;2\n3;4\na;b\n5,6;7\n")
    report = run(home, CSV)
    assert (report.row_count, report.rejected_count) == (2, 1)
    assert query(home, "select a, b, _source_line from raw_shop.products order by 3") == [
        ("1", "2", 2),
        ("3", "4", 3),
        ("5,6", "7", 5),
    ]
    assert_accounted(home, "raw_shop.products")


def test_a_changed_csv_is_an_error_also_when_it_is_shorter(home: Home) -> None:
    path = put(home, "a.csv", b"a;b\n1;2\n3;4\n")
    run(home, CSV)
    path.write_bytes(b"a;b\n9;9\n")
    assert run(home, CSV).failures[0].status == "changed"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_other_encodings_are_read_whole_and_strictly(home: Home, encoding: str) -> None:
    declared = manifest(shop__products={"kind": "csv", "path": "inbox/*.csv", "encoding": encoding})
    path = put(home, "a.csv", 'id,näme\n1,"é\nü"\n2,'.encode(encoding))
    report = run(home, declared)
    assert (report.failures, report.row_count, report.byte_count) == ([], 2, path.stat().st_size)
    assert query(home, "select id, näme from raw_shop.products order by 1") == [("1", "é\nü"), ("2", None)]
    put(home, "b.csv.gz", b"")
    assert run(home, declared).status == "nothing_new"
    if encoding != "latin-1":
        put(home, "c.csv", b"id,n\n1,\x81\n")
        assert f"not valid {encoding}" in run(home, declared).failures[0].message
