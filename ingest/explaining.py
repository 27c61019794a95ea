"""Causes told to a person: what stopped a source, and what to do next."""

from __future__ import annotations

import duckdb

from clickstream.errors import UserError
from clickstream.faults import next_step, without_advice


def explain(error: BaseException) -> str:
    """What stopped a source: the root of a chain of exceptions in a sentence, and the next step."""
    root = _root(error)
    if isinstance(root, UserError):
        return str(root)
    text = " ".join(without_advice(str(root)).split())[:500] or "no message"
    shown = text if isinstance(root, duckdb.Error) else f"{type(root).__name__}: {text}"
    step = next_step(f"{type(root).__name__} {text}")
    return shown + (f"\n  to do: {step}" if step else "")


def _root(error: BaseException) -> BaseException:
    """The first cause that tells a person something: ours, DuckDB's, or the deepest."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    telling = [link for link in seen if isinstance(link, (UserError, duckdb.Error))]
    return telling[0] if telling else seen[-1]
