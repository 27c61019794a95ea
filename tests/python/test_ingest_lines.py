"""The exact splitter: whatever stands in a file, its lines come out byte for byte."""

from __future__ import annotations

import gzip
import io
import json
import random

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_ingest_support import EVENTS, LOGS, assert_accounted, payloads, put, query, run

from clickstream.settings import Home
from ingest.content import new_hash
from ingest.documents import document_batch, is_complete_json
from ingest.lines import Tail, line_views, lines_of, split_lines
from ingest.problems import FileProblem


def expected_lines(data: bytes) -> list[bytes]:
    """The definition: LF ends a line, one CR before it belongs to it, the rest is the line."""
    lines = data.split(b"\n")
    ended = [line.removesuffix(b"\r") for line in lines[:-1]]
    return ended + ([lines[-1]] if lines[-1] else [])


def split(
    data: bytes, chunk_bytes: int, read_before: bytes = b""
) -> tuple[list[bytes], list[bytes | None], str]:
    hasher = new_hash()
    chunks = split_lines(io.BytesIO(data), hasher=hasher, chunk_bytes=chunk_bytes, read_before=read_before)
    found: list[bytes] = []
    texts: list[bytes | None] = []
    while True:
        try:
            lines = next(chunks)
        except StopIteration as stop:
            tail: Tail = stop.value
            break
        found += line_views(lines, text=False).to_pylist()
        batch = document_batch(lines, "f", 1)
        texts += batch.column("_payload_bytes").to_pylist()
        for shown, exact, raw in zip(
            batch.column(0).to_pylist(), texts[-len(lines) :], found[-len(lines) :], strict=True
        ):
            assert shown == raw.decode(errors="replace")
            assert (exact is None) == (shown.encode(errors="surrogatepass") == raw)
    assert len(read_before + data) == tail.length + len(tail.data)
    if tail.data:
        found += line_views(lines_of(tail.data), text=False).to_pylist()
    return found, texts, hasher.hexdigest()


PIECES = st.sampled_from(
    [
        b"\n",
        b"\r",
        b"\r\n",
        b"\x00",
        b'"',
        b"'",
        b"\xed\xa0\x80",
        b"\xff",
        b"\xef\xbb\xbf",
        "ü€😀".encode(),
        b"{}",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES | st.binary(max_size=40), max_size=40).map(b"".join), st.integers(1, 50))
@example(b"", 1)
@example(b"\n", 1)
@example(b"\r\n\r\n", 1)
@example(b"a\r\r\nb", 2)
@example(b"no newline", 3)
@example(b"twelve bytes\nthirteen bytes\n", 64)
def test_lines_are_exactly_the_bytes_between_newlines(data: bytes, chunk_bytes: int) -> None:
    found, _, _ = split(data, chunk_bytes)
    assert found == expected_lines(data)


@settings(deadline=None)
@given(st.binary(max_size=30), st.binary(max_size=60), st.integers(1, 20))
def test_bytes_read_before_belong_in_front(before: bytes, data: bytes, chunk_bytes: int) -> None:
    assert split(data, chunk_bytes, before)[0] == expected_lines(before + data)


def test_the_hash_covers_complete_lines_only() -> None:
    hasher = new_hash()
    hasher.update(memoryview(b"a\nb\n"))
    assert split(b"a\nb\ntorn", 3)[2] == hasher.hexdigest()


def test_a_file_that_lost_bytes_is_a_problem_of_that_file() -> None:
    chunks = split_lines(io.BytesIO(b"a\n"), hasher=new_hash(), limit=10)
    with pytest.raises(FileProblem, match="became shorter"):
        list(chunks)


@settings(max_examples=30, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_only_whole_json_documents_are_complete(value: object) -> None:
    text = json.dumps({"v": value}).encode()
    assert is_complete_json(text)
    assert is_complete_json(b"\xef\xbb\xbf" + text)
    assert not any(is_complete_json(text[:end]) for end in range(len(text)))


NASTY = [
    b'{"a": "quote \\" \' and \x00 nul"}',
    b"",
    b"lone surrogate \xed\xa0\x80",
    b"latin-1 \xe9\xff",
    b"carriage \r return",
    b"\xef\xbb\xbfbom",
    "ümläut 😀".encode(),
    b"x" * 10_000_000,
    b"  spaces  ",
    b"\xc3\xa9" * 3,
    b"\\",
]
NASTY_NAMES = [
    "plain.log",
    "with space.log",
    'quote\'d "name".log',
    "ünïcode 😀.log",
    "br[ack]et*.log",
    "semi;colon--.log",
]


@pytest.mark.parametrize("terminator", [b"\n", b"\r\n"])
def test_payloads_equal_the_bytes_of_the_lines(home: Home, terminator: bytes) -> None:
    for name in NASTY_NAMES:
        put(home, name, terminator.join(NASTY) + name.encode() + terminator)
    report = run(home)
    assert report.failures == []
    assert report.row_count == len(NASTY) * len(NASTY_NAMES)
    by_name = sorted(NASTY_NAMES, key=lambda name: f"inbox/{name}")
    assert payloads(home) == [line for name in by_name for line in [*NASTY[:-1], NASTY[-1] + name.encode()]]
    shown = query(home, "select distinct _source_file from raw_web.logs order by 1")
    assert [name for (name,) in shown] == sorted(f"inbox/{name}" for name in NASTY_NAMES)
    assert query(home, "select count(*) from raw_web.logs where _payload_bytes is not null")[0][0] == 12
    assert_accounted(home)


def test_a_name_that_is_not_utf8_is_shown_escaped_and_loaded(home: Home) -> None:
    folder = put(home, "a.log", b"a\n").parent
    (folder / b"\xff.log".decode(errors="surrogateescape")).write_bytes(b"b\n")
    assert run(home).row_count == 2
    assert query(home, "select _source_file from raw_web.logs order by 1")[0][0] == "inbox/\\xff.log"
    assert run(home).status == "nothing_new"


@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n"])
def test_the_last_line_counts_with_and_without_newline(home: Home, last: bytes) -> None:
    put(home, "a.log", b"one\n\ntwo" + last)
    assert run(home).row_count == 3
    assert payloads(home) == [b"one", b"", b"two"]
    assert query(home, "select _source_line from raw_web.logs order by 1") == [(1,), (2,), (3,)]


def test_compressed_files_load_like_plain_ones_whatever_their_name(home: Home) -> None:
    data = b"".join(b'{"n": %d}\n' % n for n in range(1000))
    put(home, "1.log.gz", gzip.compress(data[:1000]) + gzip.compress(data[1000:]))
    put(home, "2.log", pa.compress(data + b"x\n", codec="zstd", asbytes=True))
    put(home, "3.log.zst", data + b"y\n")
    assert run(home, EVENTS).row_count == 3002
    ledger = query(
        home, "select compression, line_count, loaded_bytes from ingest.files order by source_file"
    )
    assert ledger == [("gzip", 1000, len(data)), ("zstd", 1001, len(data) + 2), ("none", 1001, len(data) + 2)]
    assert_accounted(home)


def test_large_files_load_as_they_are_and_broken_ones_not_at_all(home: Home) -> None:
    """Several pieces of 8 MB, each taken while DuckDB packs the one before."""
    source = random.Random(1)
    lines = [source.randbytes(1_000_000).hex().encode() for _ in range(10)]
    packed = gzip.compress(b"\n".join(lines[::-1]) + b"\n", compresslevel=1)
    put(home, "1.log", b"\n".join(lines) + b"\n")
    put(home, "2.log.gz", packed)
    put(home, "3.log.gz", packed[: len(packed) * 9 // 10])
    report = run(home)
    assert ["damaged or not complete" in failure.message for failure in report.failures] == [True]
    assert payloads(home) == lines + lines[::-1]
    assert_accounted(home)


def test_empty_files_are_known_and_load_nothing(home: Home) -> None:
    put(home, "a.log", b"")
    put(home, "b.log.gz", gzip.compress(b""))
    report = run(home, LOGS)
    assert (report.status, report.row_count, report.twin_count) == ("nothing_new", 0, 0)
    assert query(home, "select status, line_count from ingest.files") == [("loaded", 0), ("loaded", 0)]
    put(home, "a.log", b"now\n")
    assert run(home).row_count == 1
