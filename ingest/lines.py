"""The exact splitter: content into physical lines, byte for byte, without a Python object per line."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.content import Hasher, Source, fill
from ingest.problems import FileProblem

CHUNK_BYTES = 8 << 20
"""Read size: large enough for DuckDB's row groups, small enough for the cache and for memory."""

MAX_LINE_BYTES = 256 << 20
"""A longer line is refused: DuckDB would need several times its size in memory."""

LF, CR = 10, 13

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Complete lines of a chunk.

    Args:
        data: the bytes that the positions point into.
        starts, ends: of each line in `data`, terminator (LF or CRLF) excluded; shape (n,).
        size: bytes of `data` that the lines take up, terminators included.
    """

    data: pa.Buffer
    starts: Positions
    ends: Positions
    size: int

    def __len__(self) -> int:
        return len(self.starts)

    def after(self, count: int) -> Lines:
        """The lines without the first ones."""
        return Lines(self.data, self.starts[count:].copy(), self.ends[count:], self.size)

    def line(self, number: int) -> bytes:
        """The bytes of one line, counted from 0."""
        line: bytes = self.data[int(self.starts[number]) : int(self.ends[number])].to_pybytes()
        return line


@dataclass(frozen=True)
class Tail:
    """What stands after the last newline.

    Args:
        data: the bytes without newline, empty if the content ends in one.
        length: bytes of the content up to the last newline, counted from where the split began.
    """

    data: bytes
    length: int


def shortened() -> FileProblem:
    """The problem of a file that lost bytes between planning and reading."""
    return FileProblem("The file became shorter while it was read; it is taken again on the next run.")


def split_lines(
    source: Source,
    *,
    hasher: Hasher,
    limit: int | None = None,
    read_before: bytes = b"",
    newline: int = LF,
    chunk_bytes: int = CHUNK_BYTES,
) -> Generator[Lines, None, Tail]:
    """Split what the source still holds into lines.

    Args:
        source: is read to its end, or to `limit`.
        hasher: is fed all bytes up to the last newline, and not the tail.
        limit: read so many bytes and no more; ending earlier is a problem.
        read_before: bytes that were taken from the source already and belong in front.
        newline: the byte that ends a line; before an LF, one CR belongs to the terminator.
        chunk_bytes: read size.

    Raises:
        FileProblem: the file is shorter than `limit`, or a line is too long.
    """
    rest = read_before
    length = 0
    remaining = limit
    while True:
        want = max(chunk_bytes, len(rest))
        if remaining is not None:
            want = min(want, remaining)
        buffer = pa.allocate_buffer(len(rest) + want)
        view = memoryview(buffer).cast("B")
        view[: len(rest)] = rest
        count = fill(source, view[len(rest) :])
        if remaining is not None:
            remaining -= count
            if count < want:
                raise shortened()
        filled = len(rest) + count
        lines = _split(buffer, filled, newline)
        if lines.size:
            hasher.update(view[: lines.size])
            length += lines.size
            yield lines
        rest = bytes(view[lines.size : filled])
        if not count:
            return Tail(rest, length)
        if len(rest) > MAX_LINE_BYTES:
            raise FileProblem(
                f"A line is longer than {MAX_LINE_BYTES >> 20} MiB (from byte {length} of what was new). "
                "Is this a text file? Split the line, or take the file out of the source's path."
            )


def _split(buffer: pa.Buffer, filled: int, newline: int) -> Lines:
    data = np.frombuffer(buffer, dtype=np.uint8, count=filled)
    ends = np.flatnonzero(data == newline)
    if not len(ends):
        return Lines(buffer, ends, ends, 0)
    size = int(ends[-1]) + 1
    starts = np.empty_like(ends)
    starts[0] = 0
    starts[1:] = ends[:-1] + 1
    if newline == LF:
        ends = ends - ((ends > starts) & (data[ends - 1] == CR))
    return Lines(buffer, starts, ends, size)


def lines_of(data: bytes, newline: int = LF) -> Lines:
    """The lines of some bytes; a last one without newline is a line too, kept as it is (CR included)."""
    buffer = pa.py_buffer(data)
    lines = _split(buffer, len(data), newline)
    if lines.size == len(data):
        return lines
    starts = np.append(lines.starts, lines.size)
    return Lines(buffer, starts, np.append(lines.ends, len(data)), len(data))


def is_utf8(data: pa.Buffer, start: int, end: int) -> bool:
    """Whether the bytes are valid UTF-8 (newlines end every sequence, so lines may be checked together)."""
    offsets = pa.py_buffer(np.array([start, end], dtype=np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, data]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def is_text(data: bytes) -> bool:
    """Whether some bytes are valid UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


INLINE_BYTES = 12
"""An Arrow view holds shorter values itself, padded with zeros."""

_MASKS = [
    np.array([(1 << 8 * min(max(length - 4 * word, 0), 4)) - 1 for length in range(13)], dtype="<u4")
    for word in range(3)
]
"""Per word of a view, by length: the bits that belong to the value."""

_VIEW = np.dtype([("length", "<i4"), ("prefix", "<u4"), ("buffer", "<i4"), ("offset", "<i4")])


def line_views(lines: Lines, *, text: bool, is_null: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """The lines as an Arrow array that points into their buffer, without copying.

    Args:
        lines: of one chunk.
        text: `string_view` (the bytes must be valid UTF-8), else `binary_view`.
        is_null: which values are null; shape (n,).

    Returns:
        Array of shape (n,).
    """
    data = np.frombuffer(lines.data, dtype=np.uint8)
    lengths = lines.ends - lines.starts
    views = np.zeros(len(lines), dtype=_VIEW)
    views["length"] = lengths
    views["offset"] = lines.starts
    cells = views.view("<u4").reshape(len(lines), 4)
    words = np.ndarray(max(len(data) - 3, 0), dtype="<u4", buffer=lines.data, strides=(1,))
    is_long = lengths > INLINE_BYTES
    cells[is_long, 1] = words[lines.starts[is_long]]
    short = np.flatnonzero(~is_long)
    is_inside = lines.starts[short] + INLINE_BYTES <= len(data)
    for number in short[~is_inside].tolist():
        inline = lines.line(number).ljust(INLINE_BYTES, b"\x00")
        cells[number, 1:] = np.frombuffer(inline, dtype="<u4")
    short = short[is_inside]
    for word in range(3):
        cells[short, 1 + word] = words[lines.starts[short] + 4 * word] & _MASKS[word][lengths[short]]
    kind = pa.string_view() if text else pa.binary_view()
    valid = None
    if is_null is not None and is_null.any():
        valid = pa.py_buffer(np.packbits(~is_null, bitorder="little"))
    return pa.Array.from_buffers(kind, len(lines), [valid, pa.py_buffer(views), lines.data])
