"""Errors that are told to a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class UserError(Exception):
    """A mistake or a condition that the user can act on; shown without a traceback.

    Args:
        what: what is wrong, one sentence.
        where: the file, line, setting or URL concerned.
        fix: what to do next.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"  where: {self.where}")
        if self.fix:
            parts.append(f"  to do: {self.fix}")
        return "\n".join(parts)


@contextmanager
def during(stage: str) -> Iterator[None]:
    """Note on any other error which stage it stopped; read by `stopped_stage`."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not hasattr(error, "__notes__"):
            error.add_note(stage)
        raise


def stopped_stage(error: Exception) -> str:
    """The stage that an error stopped, as `during` noted it; empty when it was none."""
    return str(getattr(error, "__notes__", [""])[0])
