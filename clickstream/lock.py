"""One command at a time per home: an operating-system lock, which a killed process cannot leave behind."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from clickstream.errors import UserError
from clickstream.settings import Home


@contextmanager
def hold(home: Home, command: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the home's lock.

    Args:
        home: the environment.
        command: what is running, told to whoever finds the lock taken.
        wait_seconds: how long to wait for a running command to end; 0 refuses at once.

    Raises:
        UserError: another command is running (names its process, command and start), or the home cannot be
            written.
    """
    lock = FileLock(home.state / "lock", timeout=max(wait_seconds, 0))
    try:
        home.state.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UserError(
            f"Another command is running here: {_holder(home)}.",
            where=str(home.root),
            fix="Wait for it to end (`--wait 600` waits up to ten minutes), or use another CLICKSTREAM_HOME.",
        ) from None
    except OSError as error:
        raise UserError(
            "The home cannot be written.",
            where=f"{home.root}: {error.strerror or error}",
            fix="Set CLICKSTREAM_HOME to a folder that you may write.",
        ) from error
    try:
        _sidecar(home).write_text(
            json.dumps({"pid": os.getpid(), "command": command, "started_at": _now()}), encoding="utf-8"
        )
        yield
    finally:
        _sidecar(home).unlink(missing_ok=True)
        lock.release()


def _sidecar(home: Home) -> Path:
    return home.state / "lock.json"


def _holder(home: Home) -> str:
    """Who holds the lock, in words."""
    try:
        holder = json.loads(_sidecar(home).read_text(encoding="utf-8"))
        return f"`clickstream {holder['command']}`, process {holder['pid']}, since {holder['started_at']}"
    except (OSError, ValueError, KeyError):  # It has the lock and has not yet said who it is.
        return "a clickstream command that has just started"


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
