"""CSV files in other encodings than UTF-8: read whole, decoded strictly, and handed on as UTF-8."""

from __future__ import annotations

import codecs

from ingest.content import CHUNK_BYTES, Hasher, Source, fill
from ingest.lines import shortened
from ingest.problems import FileProblem


class Transcoded:
    """A source of UTF-8 bytes over a source of encoded ones.

    Args:
        source: of the encoded content, at its beginning.
        encoding: Python's name of the encoding.
        hasher: is fed the encoded bytes.
        limit: how many encoded bytes to read; None: all.
    """

    def __init__(self, source: Source, encoding: str, hasher: Hasher, limit: int | None) -> None:
        self._source = source
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._hasher = hasher
        self._left = limit
        self._ready = memoryview(b"")
        self._is_ended = False
        self.length = 0

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer with UTF-8.

        Raises:
            FileProblem: the content is not in the encoding.
        """
        while not self._ready and not self._is_ended:
            self._ready = memoryview(self._decode())
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _decode(self) -> bytes:
        want = CHUNK_BYTES if self._left is None else min(CHUNK_BYTES, self._left)
        encoded = memoryview(bytearray(want))
        count = fill(self._source, encoded) if want else 0
        if self._left is not None:
            if count < want:
                raise shortened()
            self._left -= count
        self._hasher.update(encoded[:count])
        self._is_ended = not count
        try:
            text = self._decoder.decode(encoded[:count], final=self._is_ended)
            utf8 = text.encode()
        except UnicodeError as error:
            raise FileProblem(
                f"The file is not valid {self._encoding} near byte {self.length:,} ({error}). Nothing was "
                "loaded; correct the file, or `encoding` in YAML."
            ) from error
        self.length += count
        return utf8
