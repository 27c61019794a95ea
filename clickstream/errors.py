"""Errors that are told to a person."""

from __future__ import annotations


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
