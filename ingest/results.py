"""What load jobs leave behind for the ledger and the report."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.problems import FileProblem
from ingest.segments import Counts, Segment


@dataclass(frozen=True)
class Loaded:
    """A segment as it was loaded; `content_sha256` covers everything loaded from the file so far."""

    segment: Segment
    counts: Counts
    content_sha256: str


@dataclass(frozen=True)
class Problem:
    """A segment that could not be loaded, and why."""

    segment: Segment
    problem: FileProblem


@dataclass
class JobResult:
    """What a job did; empty when it had been done before."""

    loaded: list[Loaded] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    api_row_count: int = 0
    api_byte_count: int = 0
