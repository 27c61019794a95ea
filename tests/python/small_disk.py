"""A small disk that tests can fill: a tmpfs, or a limit on file sizes where none can be mounted."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 96 << 20


class SmallDisk:
    """A folder that can run out of room.

    Where the tests may mount (root), it is a tmpfs, filled by a file of zeros: writes end with ENOSPC.
    Elsewhere it is a plain folder and a limit on the size of a file: writes end with EFBIG, which DuckDB,
    dbt and we meet at the same places.
    """

    def __init__(self, folder: Path, *, is_mounted: bool) -> None:
        self.folder = folder
        self._is_mounted = is_mounted
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def leave(self, size: int) -> None:
        """Let the disk have room for about so many more bytes."""
        self.free()
        if not self._is_mounted:
            largest = max(
                (path.stat().st_size for path in self.folder.rglob("*") if path.is_file()), default=0
            )
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest + size, self._limits[1]))
            return
        used = sum(path.stat().st_blocks * 512 for path in self.folder.rglob("*"))
        with self._ballast.open("wb") as file:
            zeros = bytes(1 << 20)
            left = SIZE - used - size
            while left > 0:
                left -= file.write(zeros[:left])

    def free(self) -> None:
        """Make room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def set_read_only(self) -> bool:
        """Make the disk read-only, as a kernel does after an error; whether it could be done."""
        return self._is_mounted and _mount("-o", "remount,ro", str(self.folder))

    def set_writable(self) -> None:
        """Undo `set_read_only`."""
        _mount("-o", "remount,rw", str(self.folder))


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A small disk at a folder, gone after the block."""
    folder.mkdir()
    is_mounted = _mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder))
    disk = SmallDisk(folder, is_mounted=is_mounted)
    try:
        yield disk
    finally:
        disk.free()
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
