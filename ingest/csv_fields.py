"""Splitting many CSV lines at once: lines whose quotes stand only where fields begin and end, or doubled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.lines import Lines, Positions, line_views

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Quotes:
    """The quotes of a chunk.

    Args:
        positions: in the chunk's data, ascending; shape (q,).
        first: per line, the index in `positions` of its first quote; shape (n,).
        count: per line; shape (n,).
        is_regular: per line, whether its quotes enclose whole fields or are doubled; shape (n,).
    """

    positions: Positions
    first: Positions
    count: Positions
    is_regular: Flags


def find_quotes(lines: Lines, quote: bytes, delimiter: bytes) -> Quotes:
    """Look at all quotes of a chunk.

    In a regular line, a quote with an even number (from 0) opens a field or is the second of a doubled one;
    one with an odd number closes a field or is the first of a doubled one.
    """
    data = np.frombuffer(lines.data, dtype=np.uint8)[: lines.size]
    positions = np.flatnonzero(data == quote[0]) if quote else np.empty(0, np.int64)
    first = np.searchsorted(positions, lines.starts)
    count = np.searchsorted(positions, lines.ends) - first
    is_regular = count % 2 == 0
    if not len(positions):
        return Quotes(positions, first, count, is_regular)
    line = np.clip(np.searchsorted(lines.starts, positions, side="right") - 1, 0, None)
    is_opening = (np.arange(len(positions)) - first[line]) % 2 == 0
    at_start = (positions == lines.starts[line]) | (data[positions - 1] == delimiter[0])
    following = data[np.minimum(positions + 1, len(data) - 1)]
    at_end = (positions + 1 == lines.ends[line]) | (following == delimiter[0])
    steps = np.diff(positions) == 1
    after_quote = np.append(False, steps)
    before_quote = np.append(steps, False)
    is_fit = np.where(is_opening, at_start | after_quote, at_end | before_quote)
    is_regular[line[~is_fit]] = False
    return Quotes(positions, first, count, is_regular)


@dataclass(frozen=True)
class Fields:
    """Where the fields of the lines with the right number of them are.

    Args:
        is_good: per line, whether it has that many fields; shape (n,).
        starts, ends: in the chunk's data; shape (good lines, width).
    """

    is_good: Flags
    starts: Positions
    ends: Positions


def find_fields(lines: Lines, numbers: Positions, quotes: Quotes, delimiter: bytes, width: int) -> Fields:
    """Find the fields of regular lines.

    Args:
        lines: of a chunk.
        numbers: which of them; shape (n,).
        quotes: of the chunk.
        delimiter: between fields; does not count inside quotes.
        width: how many fields a record has.
    """
    data = np.frombuffer(lines.data, dtype=np.uint8)[: lines.size]
    starts, ends = lines.starts[numbers], lines.ends[numbers]
    found = np.flatnonzero(data == delimiter[0])
    line = np.searchsorted(starts, found, side="right") - 1
    is_within = (line >= 0) & (found < ends[line])
    found, line = found[is_within], line[is_within]
    if len(quotes.positions):
        quotes_before = np.searchsorted(quotes.positions, found) - quotes.first[numbers][line]
        is_outside = quotes_before % 2 == 0
        found, line = found[is_outside], line[is_outside]
    is_good = np.bincount(line, minlength=len(numbers)) == width - 1
    inner = found[is_good[line]].reshape(int(is_good.sum()), width - 1)
    return Fields(
        is_good,
        np.column_stack([starts[is_good], inner + 1]),
        np.column_stack([inner, ends[is_good]]),
    )


def column(lines: Lines, starts: Positions, ends: Positions, quote: bytes) -> pa.Array:
    """One column of fields: quotes taken off, unquoted and empty as null.

    Args:
        lines: of the chunk; its bytes are valid UTF-8 where the fields are.
        starts: of the fields; shape (n,).
        ends: of the fields; shape (n,).
        quote: one byte, or none.

    Returns:
        `string_view` array of shape (n,).
    """
    data = np.frombuffer(lines.data, dtype=np.uint8)
    is_null = starts == ends
    is_doubled = False
    if quote:
        is_quoted = ~is_null & (data[np.minimum(starts, len(data) - 1)] == quote[0])
        if is_quoted.any():
            starts, ends = starts + is_quoted, ends - is_quoted
            is_doubled = True
    views = line_views(Lines(lines.data, starts, ends, lines.size), text=True, is_null=is_null)
    if is_doubled:
        text = views.cast(pa.string())
        if pc.any(pc.match_substring(text, quote.decode() * 2)).as_py():
            # Only quoted fields hold quotes here, so each pair stands for one.
            return pc.replace_substring(text, quote.decode() * 2, quote.decode()).cast(pa.string_view())
    return views
