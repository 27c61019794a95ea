"""Causes told to a person: what stopped a source, and what to do next."""

from __future__ import annotations

import duckdb

from clickstream.errors import UserError

_NEXT_STEPS = (
    ("no space left", "Free disk space, then run again; what was loaded before stays."),
    ("disk quota", "Free disk space, then run again; what was loaded before stays."),
    ("read-only file system", "Make the folder of the warehouse writable, then run again."),
    ("failed to offload", "Free disk space where temporary files lie, then run again."),
    ("out of memory", "Set CLICKSTREAM_MEMORY_LIMIT higher (such as 4GB), then run again."),
    ("could not allocate", "Set CLICKSTREAM_MEMORY_LIMIT higher (such as 4GB), then run again."),
)


def explain(error: BaseException) -> str:
    """What stopped a source: the root of a chain of exceptions in a sentence, and the next step."""
    root = _root(error)
    if isinstance(root, UserError):
        return str(root)
    text = " ".join(str(root).split())[:500] or "no message"
    lower = f"{type(root).__name__} {text}".lower()
    step = next((step for sign, step in _NEXT_STEPS if sign in lower), "")
    return f"{type(root).__name__}: {text}" + (f"\n  to do: {step}" if step else "")


def _root(error: BaseException) -> BaseException:
    """The first cause that tells a person something: ours, DuckDB's, or the deepest."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    telling = [link for link in seen if isinstance(link, (UserError, duckdb.Error))]
    return telling[0] if telling else seen[-1]
