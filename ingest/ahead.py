"""Take the next piece while the last one is worked on."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
End = TypeVar("End")


class _Ended(Exception):  # noqa: N818 (no error: StopIteration, which cannot leave a thread)
    """The pieces ended with `value`."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


def one_ahead(pieces: Generator[Item, None, End]) -> Generator[Item, None, End]:
    """Yield what `pieces` yields, and return what it returns; a thread takes each while the last is used.

    Errors of `pieces` are raised where a piece would have come. Closed early, it waits for the piece that is
    being taken.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="one-ahead") as thread:
        coming = thread.submit(_take, pieces)
        while True:
            try:
                piece = coming.result()
            except _Ended as ended:
                end: End = ended.value
                return end
            coming = thread.submit(_take, pieces)
            yield piece


def _take(pieces: Generator[Item, None, Any]) -> Item:
    try:
        return next(pieces)
    except StopIteration as stop:
        raise _Ended(stop.value) from None
