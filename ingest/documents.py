"""Line files (`jsonl`, `lines`): one row per physical line, its bytes unchanged."""

from __future__ import annotations

import json
from collections.abc import Generator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.content import Hasher
from ingest.declarations import SourceTable
from ingest.lines import Lines, Tail, is_text, is_utf8, line_views, lines_of
from ingest.segments import Counts, Segment

SCHEMA = pa.schema(
    [
        ("payload", pa.string_view()),
        ("_payload_bytes", pa.binary()),
        ("_source_file", pa.string()),
        ("_source_line", pa.int64()),
    ]
)


BLOCK_LINES = 64
"""Lines looked at together for bytes that are no UTF-8. To find one bad line in a thousand takes 0.3 CPU
seconds per million; decoding each line of a chunk that holds one took 1.7."""


def document_batch(lines: Lines, source_file: str, first_line: int) -> pa.RecordBatch:
    """Lines as rows of a document table (all columns but the load id).

    Args:
        lines: of one chunk.
        source_file: the name the rows carry.
        first_line: physical number, from 1, of the first line.
    """
    count = len(lines)
    wrong = invalid_lines(lines)
    if not wrong:
        payload, exact = line_views(lines, text=True), pa.nulls(count, pa.binary())
    else:
        payload, exact = _shown(lines, wrong)
    numbers = pa.array(np.arange(first_line, first_line + count, dtype=np.int64))
    return pa.RecordBatch.from_arrays([payload, exact, pa.repeat(source_file, count), numbers], schema=SCHEMA)


def invalid_lines(lines: Lines) -> list[int]:
    """The lines (counted from 0) that are not valid UTF-8; looks closer only at blocks that hold one."""
    if is_utf8(lines.data, int(lines.starts[0]), int(lines.ends[-1])):
        return []
    found: list[int] = []
    for first in range(0, len(lines), BLOCK_LINES):
        stop = min(first + BLOCK_LINES, len(lines))
        if not is_utf8(lines.data, int(lines.starts[first]), int(lines.ends[stop - 1])):
            found.extend(number for number in range(first, stop) if not is_text(lines.line(number)))
    return found


def _shown(lines: Lines, wrong: list[int]) -> tuple[pa.Array, pa.Array]:
    """The lines as text, those that are none with U+FFFD, and the exact bytes of these beside."""
    raw = [lines.line(number) for number in wrong]
    texts = [line.decode(errors="replace").encode() for line in raw]
    starts, ends = lines.starts.copy(), lines.ends.copy()
    lengths = [len(text) for text in texts]
    ends[wrong] = len(lines.data) + np.cumsum(lengths)  # Their texts stand behind the chunk.
    starts[wrong] = ends[wrong] - lengths
    data = pa.py_buffer(b"".join([memoryview(lines.data), *texts]))
    is_wrong = np.zeros(len(lines), dtype=np.bool_)
    is_wrong[wrong] = True
    return line_views(Lines(data, starts, ends, lines.size), text=True), _sparse(is_wrong, raw)


def _sparse(is_held: npt.NDArray[np.bool_], values: list[bytes]) -> pa.Array:
    """A binary array that is null but where `is_held` is true."""
    offsets = np.zeros(len(is_held) + 1, dtype=np.int32)
    offsets[1:][is_held] = [len(value) for value in values]
    return pa.Array.from_buffers(
        pa.binary(),
        len(is_held),
        [
            pa.py_buffer(np.packbits(is_held, bitorder="little")),
            pa.py_buffer(np.cumsum(offsets, dtype=np.int32)),
            pa.py_buffer(b"".join(values)),
        ],
    )


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
