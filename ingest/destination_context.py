"""What the load jobs of one run share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.content import Hasher
from ingest.declarations import SourceTable
from ingest.progress import Reporter
from ingest.results import JobResult


@dataclass
class LoadContext:
    """Shared by the load jobs of one source run.

    Args:
        source_name: the dbt source.
        tables: by the name of the raw table.
        reporter: is told of progress.
        prefixes: hash states from planning, by path.
        results: source, table, load id and outcome of each job, appended by the jobs.
    """

    source_name: str
    tables: Mapping[str, SourceTable]
    reporter: Reporter
    prefixes: dict[str, Hasher] = field(default_factory=dict)
    results: list[tuple[str, str, str, JobResult]] = field(default_factory=list)
