"""Pieces that a thread takes one ahead: the same pieces, end and errors, and nothing left running."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import pytest

from ingest.ahead import one_ahead


def numbers(count: int, taken: list[int] | None = None) -> Generator[int, None, str]:
    for number in range(count):
        if taken is not None:
            taken.append(number)
        yield number
    return f"{count} in all"


def test_pieces_and_end_are_those_of_the_generator() -> None:
    ends: list[str] = []

    def outer() -> Generator[int, None, None]:
        ends.append((yield from one_ahead(numbers(5))))

    assert list(outer()) == [0, 1, 2, 3, 4]
    assert ends == ["5 in all"]
    assert list(one_ahead(numbers(0))) == []


def test_the_next_piece_is_taken_while_one_is_used_and_no_more() -> None:
    taken: list[int] = []
    running = one_ahead(numbers(9, taken))
    assert next(running) == 0
    deadline = time.monotonic() + 10
    while taken != [0, 1] and time.monotonic() < deadline:
        time.sleep(0.001)
    assert taken == [0, 1]
    running.close()
    assert taken == [0, 1]


def test_an_error_comes_where_its_piece_would_have() -> None:
    def broken() -> Generator[int, None, None]:
        yield 1
        raise OSError("the disk is gone")

    running = one_ahead(broken())
    assert next(running) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(running)


def test_no_thread_is_left() -> None:
    running = one_ahead(numbers(9))
    next(running)
    running.close()
    list(one_ahead(numbers(3)))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("one-ahead")]
