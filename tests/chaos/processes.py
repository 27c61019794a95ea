"""The processes of a campaign: the starter of victims, and the reader."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chaos.points import Point
from clickstream.settings import PROJECT, Home

PATHS = os.pathsep.join(str(PROJECT / part) for part in ("", "tests", "tests/python"))


class Starter:
    """Starts commands in a home and kills them; use it as a context manager."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.victim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": PATHS},
            cwd=PROJECT,
            text=True,
        )
        self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def run(
        self,
        argv: list[str],
        env: Mapping[str, str],
        *,
        point: Point | None = None,
        call: int = 1,
        kill_after: float | None = None,
    ) -> int:
        """Run a command to its end or its death.

        Returns:
            Its exit code; negative: the signal that ended it.
        """
        armed = {"target": point.target, "when": point.when, "call": call} if point else None
        request = {"argv": argv, "env": dict(env), "log": str(self._log), "point": armed}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        pid = self._read()["pid"]
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):  # It was faster.
                os.killpg(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(self._read()["status"])


def run_cold(argv: list[str], env: Mapping[str, str], log: Path, *, kill_after: float) -> int:
    """A command started as a person starts it, killed after a while; returns as `Starter.run`."""
    with log.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "clickstream", *argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **env},
            cwd=PROJECT,
            start_new_session=True,
        )
        try:
            return process.wait(kill_after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()


@contextmanager
def reading(home: Home, report: Path) -> Iterator[None]:
    """While the block runs, a process polls the publication; its report is there afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chaos.reader", str(home.root), str(report)],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PATHS},
        cwd=PROJECT,
    )
    try:
        yield
    finally:
        process.communicate()
