"""Faults of the machine (disk, memory, rights, a lock): known by the words of errors, with the next step."""

from __future__ import annotations

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


def without_advice(text: str) -> str:
    """DuckDB's message without its advice, which is for people who type SQL at it."""
    return text.partition("Possible solutions:")[0]
