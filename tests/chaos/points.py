"""Named points at which a run can be killed: before or after a function of the product or of its tools.

The product knows nothing of them; `arm` puts a wrapper around the function, in the victim's process only.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Point:
    """A place in the code.

    Args:
        name: for the summary.
        target: `module:attribute` whose call is waited for; the module that uses a function, not the one
            that defines it.
        when: whether the process dies before the call does anything, or after it has done all.
        calls: the call that kills is one of the first `calls`.
    """

    name: str
    target: str
    when: Literal["before", "after"]
    calls: int = 1


_PIPELINE = "dlt.pipeline.pipeline:Pipeline"
_ADD_QUERY = "dbt.adapters.sql.connections:SQLConnectionManager.add_query"

INGEST = (
    Point("ledger created, nothing planned", "ingest.runner:_prepare", "after"),
    Point("plan written to the ledger", "ingest.source_run:record_plan", "after", 2),
    Point("while the plan is extracted", "ingest.packages:write_job", "after", 2),
    Point("between plan and extract", f"{_PIPELINE}.extract", "before", 2),
    Point("between extract and normalize", f"{_PIPELINE}.normalize", "before", 2),
    Point("between normalize and load", f"{_PIPELINE}.load", "before", 2),
    Point("before a load job", "ingest.destination:run_file_job", "before", 2),
    Point("in a load job, rows inserted, ledger not", "ingest.jobs:record_job", "before", 2),
    Point("in a load job, all written, not committed", "ingest.ledger:register_job", "after", 2),
    Point("load job committed, dlt not told", "ingest.destination:run_file_job", "after", 2),
    Point("between tables of a load", "ingest.destination:FileLoadJob.run", "after", 3),
    Point(
        "all tables in, load not complete", "ingest.destination:WarehouseClient.complete_load", "before", 2
    ),
    Point("load complete, dlt not told", "ingest.destination:WarehouseClient.complete_load", "after", 2),
    Point("between sources", "ingest.runner:record_run", "before", 3),
)

BUILD = (
    Point("between ingest and build", "clickstream.pipeline:run_build", "before"),
    Point("in dbt, before a statement", _ADD_QUERY, "before", 200),
    Point("in dbt, after a statement", _ADD_QUERY, "after", 200),
    Point("in dbt, after a model or test", "dbt.task.run:ModelRunner.after_execute", "after", 30),
    Point("dbt done, result not noted", "clickstream.pipeline:note", "before", 2),
)

PUBLISH = (
    Point("between build and publish", "clickstream.pipeline:run_publish", "before"),
    Point("a Parquet file written", "serve.publish:write_parquet", "after", 30),
    Point("before the published database", "serve.publish:write_database", "before"),
    Point("in the published database", "serve.database:_replace", "after", 8),
    Point("compacting: database written, not compared", "serve.database:read_partitions", "before", 8),
    Point("publication written, no manifest", "serve.publish:describe", "before"),
    Point("manifest written, no name", "serve.publish:sync_folders", "after"),
    Point("named, not switched", "serve.publish:switch", "before"),
    Point("switched, old ones not removed", "serve.publish:switch", "after"),
    Point("published, not noted", "clickstream.pipeline:note", "before", 3),
)

FORGET = (
    Point("in forget-file, nothing deleted", "ingest.forgetting:_forget", "before"),
    Point("in forget-file, rows deleted, not committed", "ingest.forgetting:_forgotten_row", "before"),
    Point("forget-file committed, not told", "ingest.forgetting:forget_file", "after"),
)

POINTS = (*INGEST, *BUILD, *PUBLISH)


def arm(target: str, when: str, call: int) -> None:
    """Kill this process's group at the `call`-th call (from 1) of `target`."""
    owner, name = find(target)
    setattr(owner, name, _deadly(getattr(owner, name), when, call))


def find(target: str) -> tuple[Any, str]:
    """The module or class that holds a target, and its name there.

    Raises:
        AttributeError: there is none.
    """
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    getattr(owner, name)
    return owner, name


def _deadly(function: Callable[..., Any], when: str, call: int) -> Callable[..., Any]:
    counted = itertools.count(1)

    @functools.wraps(function)
    def wrapper(*args: Any, **options: Any) -> Any:
        is_last = next(counted) == call
        if is_last and when == "before":
            die()
        result = function(*args, **options)
        if is_last:
            die()
        return result

    return wrapper


def die() -> None:
    """SIGKILL to the whole process group: no handler, no `finally`, no flush."""
    os.killpg(0, signal.SIGKILL)
