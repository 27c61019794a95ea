"""What can go wrong with one file, told so that the other files go on."""

from __future__ import annotations

from typing import Literal

FileStatus = Literal["loaded", "twin", "changed", "failed", "forgotten"]


class FileProblem(Exception):  # noqa: N818 (a condition of a file, no error of the program)
    """One file cannot be loaded now; nothing of it reaches the warehouse.

    Args:
        message: the cause and the next step, one or two sentences.
        status: what the ledger says of the file: `failed` (tried again on the next run) or
            `changed` (what was loaded from it no longer stands in it; a person decides).
    """

    def __init__(self, message: str, status: FileStatus = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.status: FileStatus = status


def unreadable(error: OSError) -> FileProblem:
    """The problem behind an operating-system error while a file is opened or read."""
    if isinstance(error, FileNotFoundError):
        return FileProblem("The file is gone. If it was moved on purpose, nothing is to be done.")
    if isinstance(error, PermissionError):
        return FileProblem("The file may not be read: give the user who runs ingest the right to read it.")
    if isinstance(error, IsADirectoryError):
        return FileProblem("This is a folder: let the path in the source YAML end in a file pattern.")
    return FileProblem(f"The file cannot be read ({error.strerror or error}).")


def unexpected(error: Exception) -> FileProblem:
    """The problem behind an error that nobody foresaw: the file is left out, the others go on."""
    return FileProblem(
        f"The file could not be read ({type(error).__name__}: {error}). Nothing of it was loaded; "
        "this is a defect of ingest, please report it with the file."
    )
