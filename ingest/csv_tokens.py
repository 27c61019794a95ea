"""The strict CSV tokenizer: one record, byte for byte, quoted fields over several lines included."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """A record that starts at a given position.

    Args:
        fields: their bytes; None: unquoted and empty.
        end: position behind the record's line terminator; None: no record could be read here.
        reason: why not: `unclosed_quote`, `text_after_quote`; empty if the data ended first.
    """

    fields: list[bytes | None]
    end: int | None
    reason: str = ""


def read_record(data: bytes, start: int, limit: int, delimiter: bytes, quote: bytes, ending: bytes) -> Record:
    r"""Read one record.

    A field that begins with the quote ends at the next quote that is not doubled; what follows must be the
    delimiter or the end of the line. In a field that does not begin with it, the quote is a character like
    others.

    Args:
        data: holds the record.
        start: where it begins.
        limit: where the data end; a quoted field that is open there has reason "".
        delimiter: one byte.
        quote: one byte, or none.
        ending: b"\n" (one b"\r" before it belongs to it) or b"\r".
    """
    fields: list[bytes | None] = []
    line_end, next_line = _line_end(data, start, limit, ending)
    position = start
    is_first_line = True
    while True:
        if quote and data.startswith(quote, position, limit):
            close = _closing(data, position + 1, limit, quote)
            if close is None:
                return Record(fields, None)
            fields.append(data[position + 1 : close].replace(quote + quote, quote))
            if close > line_end:
                is_first_line = False
                line_end, next_line = _line_end(data, close, limit, ending)
            position = close + 1
            if position == line_end:
                return Record(fields, next_line)
            if not data.startswith(delimiter, position, line_end):
                return Record(fields, None, "text_after_quote" if is_first_line else "unclosed_quote")
            position += 1
        else:
            found = data.find(delimiter, position, line_end)
            value = data[position : found if found >= 0 else line_end]
            fields.append(value or None)
            if found < 0:
                return Record(fields, next_line)
            position = found + 1


def _line_end(data: bytes, position: int, limit: int, ending: bytes) -> tuple[int, int]:
    """Where the line ends, and where the next begins."""
    found = data.find(ending, position, limit)
    if found < 0:
        return limit, limit
    if ending == b"\n" and found > position and data[found - 1] == 13:
        return found - 1, found + 1
    return found, found + 1


def _closing(data: bytes, position: int, limit: int, quote: bytes) -> int | None:
    """The quote that closes a field; None if the data end before."""
    while True:
        found = data.find(quote, position, limit)
        if found < 0:
            return None
        if not data.startswith(quote, found + 1, limit):
            return found
        position = found + 2
