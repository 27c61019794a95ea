"""Causes told to a person: what stopped a source, and what to do next."""

from __future__ import annotations

import duckdb

from clickstream.errors import UserError

_SPACE = "Free disk space, then run again; what was complete before stays."
_RIGHTS = "Let the user who runs this write the home (CLICKSTREAM_HOME), then run again."
_MEMORY = "Set CLICKSTREAM_MEMORY_LIMIT higher (such as 4GB), then run again; what was complete stays."
_NEXT_STEPS = (
    ("no space left", _SPACE),
    ("disk quota", _SPACE),
    ("file too large", _SPACE),
    ("failed to offload", _SPACE),
    ("read-only file system", _RIGHTS),
    ("permission denied", _RIGHTS),
    ("out of memory", _MEMORY),
    ("could not allocate", _MEMORY),
    ("memoryerror", _MEMORY),
    ("conflicting lock", "Close the notebook, IDE or run that has the warehouse open, then run again."),
)


def next_step(text: str) -> str:
    """What to do about a fault of the machine that an error's text names; empty for anything else."""
    lower = text.lower()
    return next((step for sign, step in _NEXT_STEPS if sign in lower), "")


def explain(error: BaseException) -> str:
    """What stopped a source: the root of a chain of exceptions in a sentence, and the next step."""
    root = _root(error)
    if isinstance(root, UserError):
        return str(root)
    text = " ".join(str(root).split())[:500] or "no message"
    step = next_step(f"{type(root).__name__} {text}")
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
