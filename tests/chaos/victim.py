"""Starts commands to be killed: imports the pipeline once, then forks a process per command.

A fresh `python -m clickstream run` spends seconds on importing dbt and dlt; killed a hundred times, that is
most of the time. Requests are JSON lines on standard input (`argv`, `env`, `log`, `point` or null); answers
are JSON lines on standard output: first `{"pid": …}`, then `{"status": …}`, as `os.waitpid` gives it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any

from chaos.points import arm

PRELOADED = (
    "clickstream.cli",
    "clickstream.lock",
    "clickstream.pipeline",
    "clickstream.summary",
    "dbt.adapters.duckdb.connections",
    "dbt.cli.main",
    "dbt.task.build",
    "dlt",
    "ingest.destination",
    "ingest.runner",
    "serve.publish",
)


def main() -> None:
    """Serve requests until standard input ends."""
    for name in PRELOADED:
        importlib.import_module(name)
    _answer(ready=True)
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(request)
        _answer(pid=pid)
        _, status = os.waitpid(pid, 0)
        _answer(status=status)


def _answer(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _become(request: dict[str, Any]) -> None:
    """Be the command, in a process group of its own; never returns."""
    code = 70
    try:
        os.setsid()
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        null = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((null, 0), (log, 1), (log, 2)):
            os.dup2(old, new)
        os.environ.update(request["env"])
        if request["point"]:
            arm(**request["point"])
        sys.argv = ["clickstream", *request["argv"]]
        code = _run()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run() -> int:
    from clickstream.cli import main as clickstream

    try:
        clickstream()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


if __name__ == "__main__":
    main()
