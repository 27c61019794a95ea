"""The command line as a process of its own: it leaves at once, with its exit code and all that it said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BUFFERED = {**os.environ, "PYTHONUNBUFFERED": ""}

AS_PROCESS = """
import atexit, sys
import clickstream.cli
from clickstream.__main__ import run

def main():
    atexit.register(lambda: print("later", flush=False))
    {0}

clickstream.cli.main = main
run()
"""


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("print('x' * 200_000)", 0),
        ("sys.exit(3)", 3),
        ("sys.exit()", 0),
        ("sys.exit('a message')", 1),
        ("raise ValueError('of ours')", 1),
    ],
)
def test_exit_code_and_words_arrive_and_what_was_to_be_done_at_the_end_is_done(last: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_PROCESS.format(last)],
        capture_output=True,
        text=True,
        check=False,
        env=BUFFERED,
    )
    assert done.returncode == code, done.stderr
    assert done.stdout.endswith("later\n")
    assert ("x" * 200_000 in done.stdout) == (last.startswith("print"))
    assert ("a message" in done.stderr) == ("message" in last)
    assert ("ValueError: of ours" in done.stderr) == ("ValueError" in last)


def test_words_that_cannot_be_written_are_no_success() -> None:
    silent = AS_PROCESS.replace('print("later", flush=False)', "None").format("sys.stdout.write('x')")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", silent], stdout=full, check=False, env=BUFFERED)
    assert done.returncode == 120


def test_the_module_runs_the_command_line() -> None:
    command = [sys.executable, "-m", "clickstream", "run", "--unknown"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No such option: --unknown" in done.stderr
