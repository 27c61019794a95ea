"""Values as people say them."""

from __future__ import annotations

from collections.abc import Sequence


def some_of(names: Sequence[str], limit: int = 4) -> str:
    """The first names of a list, and that there are more."""
    return ", ".join(names[:limit]) + (", …" if len(names) > limit else "")


def count_of(number: int, one: str, many: str = "") -> str:
    """How many of something there are: `many` is its plural where that is not `one` and an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """A length of time in its largest unit of which there are two."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} seconds"
