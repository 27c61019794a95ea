"""One command at a time per home."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clickstream.errors import UserError
from clickstream.lock import hold
from clickstream.settings import PROJECT, Home

HOLDER = """
import sys, time; sys.path.insert(0, {project!r})
from pathlib import Path
from clickstream.lock import hold
from clickstream.settings import Home
with hold(Home(Path({home!r})), "run"):
    print("held", flush=True)
    time.sleep({seconds})
"""


@contextmanager
def holder(home: Home, seconds: float = 60) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    program = HOLDER.format(project=str(PROJECT), home=str(home.root), seconds=seconds)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_command_is_refused_and_told_who_holds_the_lock(home: Home) -> None:
    with holder(home) as process:
        began = time.monotonic()
        with pytest.raises(UserError) as told, hold(home, "ingest"):
            pass
        assert time.monotonic() - began < 1
    text = str(told.value)
    assert f"`clickstream run`, process {process.pid}, since 20" in text
    assert str(home.root) in text
    assert "--wait" in text


def test_a_killed_holder_leaves_no_lock(home: Home) -> None:
    with holder(home) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with hold(home, "run"):
            pass


def test_waiting_gets_the_lock_when_the_holder_ends(home: Home) -> None:
    with holder(home, seconds=0.5), hold(home, "run", wait_seconds=20):
        pass


def test_waiting_ends_after_the_given_time(home: Home) -> None:
    with holder(home), pytest.raises(UserError, match="Another command"), hold(home, "run", wait_seconds=0.3):
        pass


def test_homes_do_not_lock_each_other(home: Home) -> None:
    other = Home(home.root.parent / "other")
    with holder(other), hold(home, "run"):
        pass


def test_the_lock_is_free_after_an_error(home: Home) -> None:
    with pytest.raises(RuntimeError), hold(home, "run"):
        raise RuntimeError
    with hold(home, "run"):
        pass
