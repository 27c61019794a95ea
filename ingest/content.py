"""The bytes of a file: plain or decompressed, hashed on the way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from stat import S_ISREG
from typing import Any, Protocol

import pyarrow as pa

from ingest.problems import FileProblem, unreadable

HEAD_BYTES = 4096
CHUNK_BYTES = 4 << 20
"""Read size of hashing: 4 MiB stay in the processor's cache (1.1 GB/s; 0.65 GB/s at 64 MiB)."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class Hasher(Protocol):
    """The part of hashlib's objects that we use."""

    def update(self, data: memoryview, /) -> None:
        """Feed bytes."""

    def hexdigest(self) -> str:
        """The hash so far, hexadecimal."""

    def copy(self) -> Hasher:
        """The state so far, to go on from."""


class Source(Protocol):
    """Something that fills a buffer with the next bytes."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the buffer from its start; the number of bytes, 0 at the end."""


def new_hash() -> Hasher:
    """A fresh sha256."""
    return hashlib.sha256()


OnBytes = Callable[[int], None]
"""Is told how many bytes were read from the disk."""


def ignore_bytes(count: int, /) -> None:
    """Tell nobody."""


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for a writer, should a named pipe have taken the file's place."""
    return os.open(path, flags | os.O_NONBLOCK)


class _CountedFile(FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: Path | str, on_bytes: OnBytes) -> None:
        super().__init__(path, "rb", opener=_open_at_once)
        self._on_bytes = on_bytes
        if not S_ISREG(os.fstat(self.fileno()).st_mode):
            self.close()
            raise FileProblem("This is no file any more but a pipe or device; it is not read.")

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer) or 0
        self._on_bytes(count)
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self._on_bytes(len(data))
        return data


@contextmanager
def open_content(path: Path | str, compression: str, on_bytes: OnBytes = ignore_bytes) -> Iterator[Source]:
    """Open a file's uncompressed content.

    Args:
        path: of the file.
        compression: `none`, `gzip` or `zstd`.
        on_bytes: is told of each read from the disk.

    Raises:
        FileProblem: the file is gone, unreadable, corrupt or ends too early; also raised while reading,
            when the reads happen inside the `with` block.
    """
    try:
        with _CountedFile(path, on_bytes) as file:
            if compression == "none":
                yield file
            else:
                with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), compression) as stream:
                    yield stream
    except OSError as error:
        if error.errno is None and compression != "none":
            raise FileProblem(
                f"The {compression} file is damaged or not complete yet ({error}). Nothing of it was loaded; "
                "replace it, or wait until its transfer is complete."
            ) from error
        raise unreadable(error) from error


def fill(source: Source, buffer: memoryview) -> int:
    """Read until the buffer is full or the content ends; the number of bytes read."""
    filled = 0
    while filled < len(buffer):
        count = source.readinto(buffer[filled:])
        if not count:
            break
        filled += count
    return filled


def detect_compression(path: Path | str, setting: str) -> str:
    """`none`, `gzip` or `zstd`: by the first bytes of the file unless the setting names it."""
    if setting != "auto":
        return setting
    with open_content(path, "none") as source:
        start = bytearray(4)
        fill(source, memoryview(start))
    if start.startswith(_GZIP):
        return "gzip"
    is_skippable_frame = 0x50 <= start[0] <= 0x5F and start[1:4] == b"\x2a\x4d\x18"
    return "zstd" if start.startswith(_ZSTD) or is_skippable_frame else "none"


def read_head(path: Path | str, compression: str, limit: int = HEAD_BYTES) -> bytes:
    """The first bytes of the content, at most `limit`."""
    with open_content(path, compression) as source:
        buffer = memoryview(bytearray(limit))
        return bytes(buffer[: fill(source, buffer)])


@dataclass
class Digest:
    """What one pass over a content found.

    Args:
        length: bytes read: the whole content, or `end` of them.
        total: sha256 of all bytes read.
        marks: sha256 state after each asked-for number of bytes that the content reaches.
    """

    length: int = 0
    total: Hasher = field(default_factory=new_hash)
    marks: dict[int, Hasher] = field(default_factory=dict)


def digest(path: Path | str, compression: str, marks: Sequence[int] = (), end: int | None = None) -> Digest:
    """Hash a content in one pass.

    Args:
        path: of the file.
        compression: `none`, `gzip` or `zstd`.
        marks: byte positions at which the state of the hash is kept.
        end: stop after so many bytes.
    """
    result = Digest()
    stops = sorted({mark for mark in marks if end is None or mark <= end})
    buffer = memoryview(bytearray(CHUNK_BYTES))
    with open_content(path, compression) as source:
        while True:
            while stops and stops[0] == result.length:
                result.marks[stops.pop(0)] = result.total.copy()
            limit = min([CHUNK_BYTES, *(s - result.length for s in stops[:1])])
            if end is not None:
                limit = min(limit, end - result.length)
            count = fill(source, buffer[:limit]) if limit else 0
            if not count:
                return result
            result.total.update(buffer[:count])
            result.length += count
