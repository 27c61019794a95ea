"""Run a command and measure it: wall time, CPU time, and the memory of its whole process tree."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

INTERVAL_SECONDS = 0.1
"""Between two looks at the process tree: reading /proc for it takes 0.2 ms."""

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """One look at a process tree: when (Unix time), CPU seconds so far, resident bytes of all processes."""

    at: float
    cpu_seconds: float
    memory_bytes: int


@dataclass(frozen=True)
class Measured:
    """What a command took; `output` is what it printed."""

    started_at: float
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    samples: tuple[Sample, ...]
    exit_code: int
    output: str


class CommandFailedError(Exception):
    """A measured command ended with an error: there is nothing to report."""


def measure(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None, nice: int = 0
) -> Measured:
    """Run a command to its end.

    Resident memory is added up over the tree, so that pages which two processes share count twice: an upper
    bound.

    Args:
        command: program and arguments.
        env: variables besides those of this process.
        cwd: where it runs.
        nice: its niceness.

    Raises:
        CommandFailedError: it ended with another code than 0; carries its output.
    """
    started_at, started = time.time(), time.monotonic()
    process = subprocess.Popen(
        ["nice", "-n", str(nice), *command] if nice else list(command),
        env={**os.environ, **(env or {})},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    samples: list[Sample] = []
    highest: list[int] = []
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, samples, highest, ended), daemon=True)
    watcher.start()
    assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
    output = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    ended.set()
    watcher.join()
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code:
        raise CommandFailedError(f"{' '.join(command)} ended with {code}:\n{output}")
    # What a child took that nobody waited for (Spark's JVM) is only in the last look.
    cpu = max([usage.ru_utime + usage.ru_stime, *(sample.cpu_seconds for sample in samples[-1:])])
    # Not ru_maxrss: a child starts as a copy of us, and counts what the bench itself held.
    peak = max([0, *highest, *(sample.memory_bytes for sample in samples)])
    return Measured(started_at, wall, cpu, peak, tuple(samples), code, output)


def _watch(root: int, samples: list[Sample], highest: list[int], ended: threading.Event) -> None:
    while not ended.wait(INTERVAL_SECONDS):
        cpu, memory = look(root)
        highest.append(high_water(root))
        # A process that is ending no longer tells what its children took.
        if memory and cpu >= (samples[-1].cpu_seconds if samples else 0):
            samples.append(Sample(time.time(), cpu, memory))


def look(root: int) -> tuple[float, int]:
    """CPU seconds and resident bytes of a process and all below it, at this moment (Linux)."""
    cpu, memory = 0.0, 0
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting.extend(map(int, (task / "children").read_text().split()))
        except (OSError, IndexError):  # It has ended meanwhile.
            continue
        cpu += sum(map(int, fields[11:15])) / TICKS
        memory += resident * PAGE_BYTES
    return cpu, memory


def high_water(pid: int) -> int:
    """The most resident bytes that a process has had since it runs its program, between looks too (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # It has ended meanwhile.
        return 0
    kilobytes = re.search(r"^VmHWM:\s*(\d+)", status, re.MULTILINE)
    return int(kilobytes[1]) * 1024 if kilobytes else 0


@dataclass(frozen=True)
class Stage:
    """What a stretch of time took."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def within(samples: Sequence[Sample], start: float, end: float) -> Stage:
    """What the tree took between two moments (Unix time); CPU is interpolated between looks."""
    inside = [sample.memory_bytes for sample in samples if start <= sample.at <= end]
    if not inside:  # A time between two looks: what the one before saw.
        inside = [sample.memory_bytes for sample in samples if sample.at < start][-1:]
    return Stage(end - start, cpu_at(samples, end) - cpu_at(samples, start), max(inside, default=0))


def cpu_at(samples: Sequence[Sample], at: float) -> float:
    """CPU seconds of the tree at a moment."""
    before = Sample(0, 0, 0)
    for sample in samples:
        if sample.at >= at:
            if before.at == 0:
                return sample.cpu_seconds
            share = (at - before.at) / (sample.at - before.at)
            return before.cpu_seconds + share * (sample.cpu_seconds - before.cpu_seconds)
        before = sample
    return before.cpu_seconds


def apportion(samples: Sequence[Sample], windows: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """CPU seconds of steps that overlap: what two of them used at the same time is halved.

    Args:
        samples: of the tree.
        windows: step → start and end (Unix time).
    """
    edges = sorted({moment for window in windows.values() for moment in window})
    shares = dict.fromkeys(windows, 0.0)
    for start, end in pairwise(edges):
        active = [name for name, (begin, stop) in windows.items() if begin <= start and stop >= end]
        used = cpu_at(samples, end) - cpu_at(samples, start)
        for name in active:
            shares[name] += used / len(active)
    return shares
