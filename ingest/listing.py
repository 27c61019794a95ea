"""Finding files: glob patterns walked with one `stat` per file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from stat import S_ISREG

from clickstream.settings import Home
from ingest.declarations import SourceTable
from ingest.problems import FileProblem, unreadable

_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class FoundFile:
    """A file that a pattern matches.

    Args:
        source_file: its name in the ledger and in `_source_file`, valid UTF-8.
        modified_us: modification time, microseconds since 1970 UTC.
    """

    source_file: str
    path: str
    size_bytes: int
    modified_us: int


def list_files(home: Home, table: SourceTable) -> list[FoundFile]:
    """The files of a table, sorted by name; hidden files and folders only where the pattern names them.

    A pattern that is a folder means all files in it, however deep.

    Raises:
        FileProblem: a folder cannot be read.
    """
    found: dict[str, FoundFile] = {}
    below = f"{home.root}/"
    for pattern in table.paths:
        for path, stat in _expand(str(home.resolve(pattern))):
            name = path.removeprefix(below)  # as Home.display does, 100,000 times
            if not name.isascii():
                name = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
            found[name] = FoundFile(name, path, stat.st_size, stat.st_mtime_ns // 1000)
    return [found[name] for name in sorted(found)]


def _expand(pattern: str) -> Iterator[tuple[str, os.stat_result]]:
    if Path(pattern).is_file():  # also a name that holds magic characters itself
        yield pattern, Path(pattern).stat()
        return
    if Path(pattern).is_dir():
        pattern = f"{pattern.rstrip('/')}/**/*"
    parts = pattern.split("/")
    fixed = next((i for i, part in enumerate(parts) if _MAGIC.search(part)), None)
    if fixed is None:
        return
    yield from _walk("/".join(parts[:fixed]) or "/", parts[fixed:])


def _walk(folder: str, parts: list[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Files below a folder that match the remaining pattern parts."""
    part, rest = parts[0], parts[1:]
    if part == "**":
        while rest and rest[0] == "**":
            rest = rest[1:]
        yield from _walk(folder, rest or ["*"])
        for entry in _entries(folder):
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, ["**", *rest])
        return
    if not _MAGIC.search(part):
        path = Path(folder, part)
        if rest and path.is_dir():
            yield from _walk(str(path), rest)
        elif not rest and path.is_file():
            yield str(path), path.stat()
        return
    matches = re.compile(translate(part)).match
    for entry in _entries(folder):
        if not matches(entry.name) or (entry.name.startswith(".") and not part.startswith(".")):
            continue
        if rest:
            if entry.is_dir():
                yield from _walk(entry.path, rest)
            continue
        try:
            stat = entry.stat()
        except FileNotFoundError:
            continue  # gone since the folder was read, or a link to nothing
        if S_ISREG(stat.st_mode):
            yield entry.path, stat


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        return []
    except OSError as error:
        problem = unreadable(error)
        raise FileProblem(f"{problem.message} Folder: {folder}") from error
