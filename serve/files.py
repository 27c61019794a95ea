"""Files of a publication: durable writes, hard links, the switch and the removal of old ones."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from clickstream.errors import UserError

READ_ONLY = 0o444


def sha256(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(path: Path) -> None:
    """Make a finished file read-only and push it to the disk."""
    path.chmod(READ_ONLY)
    sync(path)


def sync(path: Path) -> None:
    """Push a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folders(root: Path) -> None:
    """Push the names in `root` and all folders below it to the disk.

    Linux does it in one call, which returns when all is written (sync(2)); a year of dates has 10,000
    folders, each of which would wait for the disk.
    """
    if platform.system() == "Linux":
        os.sync()
        return
    for folder, _, _ in os.walk(root):
        sync(Path(folder))


def share(old: Path, new: Path) -> None:
    """Give an unchanged file a second name; copies it where the file system has no hard links."""
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)
        seal(new)


def copy(old: Path, new: Path) -> None:
    """Copy the bytes of a file.

    Linux is asked for it (copy_file_range(2)): on XFS and Btrfs both then share their blocks until one of
    them changes, so that a file of gigabytes is copied at once and takes no room twice.
    """
    # Another system, a file system that cannot: it is read and written.
    with suppress(AttributeError, OSError), old.open("rb") as source, new.open("wb") as target:
        left = os.fstat(source.fileno()).st_size
        while left and (count := os.copy_file_range(source.fileno(), target.fileno(), left)):
            left -= count
        if not left:
            return
    shutil.copyfile(old, new)


def switch(link: Path, target: Path) -> None:
    """Point `link` at `target` in one step: readers see the old folder or the new one, never neither.

    Raises:
        UserError: something that is no link stands in the way.
    """
    if link.exists() and not link.is_symlink():
        raise UserError(
            "The publication cannot be switched: a folder or file stands where the link belongs.",
            where=str(link),
            fix="Move it away, then run `clickstream publish`.",
        )
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(target, link.parent))
    fresh.replace(link)
    sync(link.parent)


def remove(folders: Iterable[Path]) -> None:
    """Delete folders. Each gets an unfinished name first, so that a crash leaves no half that looks whole."""
    for folder in folders:
        doomed = folder if is_unfinished(folder) else folder.with_name(f".removing-{folder.name}")
        if doomed != folder:
            folder.rename(doomed)
        shutil.rmtree(doomed)


def is_unfinished(folder: Path) -> bool:
    """Whether a folder of `publications/` is being written or removed."""
    return folder.name.startswith(".")
