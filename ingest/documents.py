"""Line files (`jsonl`, `lines`): one row per physical line, its bytes unchanged."""

from __future__ import annotations

import json
from collections.abc import Generator

import numpy as np
import pyarrow as pa

from ingest.content import Hasher
from ingest.declarations import SourceTable
from ingest.lines import Lines, Tail, is_utf8, line_views, lines_of
from ingest.segments import Counts, Segment

SCHEMA = pa.schema(
    [
        ("payload", pa.string_view()),
        ("_payload_bytes", pa.binary()),
        ("_source_file", pa.string()),
        ("_source_line", pa.int64()),
    ]
)


def document_batch(lines: Lines, source_file: str, first_line: int) -> pa.RecordBatch:
    """Lines as rows of a document table (all columns but the load id).

    Args:
        lines: of one chunk.
        source_file: the name the rows carry.
        first_line: physical number, from 1, of the first line.
    """
    count = len(lines)
    if is_utf8(lines.data, int(lines.starts[0]), int(lines.ends[-1])):
        payload = line_views(lines, text=True)
        exact = pa.nulls(count, pa.binary())
    else:
        payload, exact = _shown(lines)
    numbers = pa.array(np.arange(first_line, first_line + count, dtype=np.int64))
    return pa.RecordBatch.from_arrays([payload, exact, pa.repeat(source_file, count), numbers], schema=SCHEMA)


def _shown(lines: Lines) -> tuple[pa.Array, pa.Array]:
    texts: list[str] = []
    exact: list[bytes | None] = []
    for number in range(len(lines)):
        raw = lines.line(number)
        try:
            texts.append(raw.decode())
            exact.append(None)
        except UnicodeDecodeError:
            texts.append(raw.decode(errors="replace"))
            exact.append(raw)
    return pa.array(texts, pa.string_view()), pa.array(exact, pa.binary())


def is_complete_json(tail: bytes) -> bool:
    """Whether a line without newline is a whole JSON object or array, so that nothing can be missing."""
    text = tail.removeprefix(b"\xef\xbb\xbf")
    if not text.endswith((b"}", b"]")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def read_documents(
    chunks: Generator[Lines, None, Tail], table: SourceTable, segment: Segment, hasher: Hasher
) -> Generator[pa.RecordBatch, None, Counts]:
    """Turn the split lines of a segment into row batches.

    A last line without newline is loaded when the segment says so, or when it is a complete JSON
    document; else it waits.
    """
    count = 0
    while True:
        try:
            lines = next(chunks)
        except StopIteration as stop:
            tail: Tail = stop.value
            break
        yield document_batch(lines, segment.source_file, segment.lines_before + count + 1)
        count += len(lines)
    if tail.data and (segment.takes_tail or (table.kind == "jsonl" and is_complete_json(tail.data))):
        hasher.update(memoryview(tail.data))
        yield document_batch(lines_of(tail.data), segment.source_file, segment.lines_before + count + 1)
        return Counts(count + 1, count + 1, tail.length + len(tail.data), is_open_ended=True)
    return Counts(count, count, tail.length, waiting_bytes=len(tail.data))
