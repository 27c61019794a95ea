"""The stages strung together: ingest → build → publish, with what is known kept and nothing done twice."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clickstream.console import LoadLines, messages, stage
from clickstream.currency import cached_manifest, is_current, note, project_fingerprint
from clickstream.errors import UserError, during
from clickstream.settings import PROJECT, Home
from clickstream.wording import count_of, some_of

if TYPE_CHECKING:
    from clickstream.dbt_runner import BuildReport, Project
    from ingest.report import IngestReport
    from serve.publish import Publication


@dataclass(frozen=True)
class Outcome:
    """What one run did; a stage that was not reached is None.

    `is_current` is true when nothing was new and nothing had to be done; `refusal` says why nothing was
    published.
    """

    ingested: IngestReport | None = None
    built: BuildReport | None = None
    publication: Publication | None = None
    refusal: UserError | None = None
    is_current: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when every stage did its work, 1 otherwise."""
        failed = bool(self.ingested and not self.ingested.ok) or bool(self.built and not self.built.is_clean)
        return int(failed or self.refusal is not None)


@during("parse")
def load_project(home: Home, *, needs_dbt: bool = False, folder: Path = PROJECT) -> Project:
    """The parsed project, from the last parse when nothing has changed since.

    Args:
        home: the environment.
        needs_dbt: dbt's own object is wanted too.
        folder: the dbt project.

    Raises:
        UserError: the project has a mistake.
    """
    from clickstream import dbt_runner

    os.environ["CLICKSTREAM_HOME"] = str(home.root)
    fingerprint = project_fingerprint(folder)
    content = cached_manifest(home, fingerprint)
    if content is not None and not needs_dbt:
        return dbt_runner.Project(content, fingerprint)
    with stage("parse") as report:
        report(0, 0, "reading the dbt project")
        note(home, parsed=None)  # Whose manifest.json is, is known when dbt is done.
        project = dbt_runner.parse(home, report, fingerprint, folder, known=content)
    note(home, parsed=project.fingerprint)
    return project


@during("ingest")
def run_ingest(home: Home, manifest: dict[str, Any], sources: Sequence[str] | None = None) -> IngestReport:
    """Load what is new, with progress; what failed stands in the report.

    Raises:
        UserError: a wrong declaration, or a warehouse that is open elsewhere.
    """
    from ingest.progress import Bar
    from ingest.runner import ingest

    console = messages()
    if not console.is_terminal:
        return ingest(home, manifest, sources=sources, progress=LoadLines())
    with Bar(console) as bar:
        return ingest(home, manifest, sources=sources, progress=bar)


@during("build")
def run_build(home: Home, project: Project, *, full_refresh: bool, folder: Path = PROJECT) -> BuildReport:
    """Build and test all models, those whose rules have changed from the start; remembers a clean build.

    Raises:
        UserError: the project has a mistake, nothing has been loaded yet, or the warehouse is open elsewhere.
    """
    from clickstream import dbt_runner
    from clickstream.rules import drop_outdated, rules_are_noted

    if not home.warehouse.exists():
        raise UserError(
            "Nothing has been loaded yet, so there is nothing to build.",
            where=str(home.warehouse),
            fix="Run `clickstream run`, which loads first.",
        )
    if project.parsed is None:
        project = load_project(home, needs_dbt=True, folder=folder)
    outdated = drop_outdated(home, project.content, folder)
    if outdated and not full_refresh:
        models = count_of(len(outdated), "model is", "models are")
        messages().print(f"Rules have changed: {models} built anew ({some_of(outdated)}).")
    with rules_are_noted(), stage("build") as report:
        built = dbt_runner.build(home, project, report, full_refresh=full_refresh, folder=folder)
    if built.is_clean:
        note(home, built=built.invocation_id, built_project=project.fingerprint)
    return built


@during("publish")
def run_publish(home: Home, manifest: dict[str, Any]) -> Publication:
    """Publish the last build.

    Raises:
        UserError: it may not be published.
    """
    from serve.publish import publish

    with stage("publish") as report:
        publication = publish(
            home, manifest, on_progress=lambda table, done, total: report(done, total, table)
        )
    note(home, published_build=publication.build_id)
    return publication


@during("publish")
def publish_last(home: Home, manifest: dict[str, Any], folder: Path = PROJECT) -> Publication:
    """Publish the last build, whoever made it and when.

    Raises:
        UserError: it may not be published, or dbt by itself built it on rows of other rules.
    """
    from clickstream.rules import require_known_rules

    require_known_rules(home, manifest, folder)
    return run_publish(home, manifest)


def run(home: Home, *, full_refresh: bool = False, folder: Path = PROJECT) -> Outcome:
    """Ingest, build and publish what is new; the caller holds the lock.

    A source that fails does not stop the others. A build that fails publishes nothing.

    Raises:
        UserError: the project has a mistake, or the warehouse is open in another process.
    """
    seconds: dict[str, float] = {}
    started = time.monotonic()

    def lap(name: str) -> None:
        nonlocal started
        seconds[name], started = time.monotonic() - started, time.monotonic()

    project = load_project(home, folder=folder)
    lap("parse")
    ingested = run_ingest(home, project.content)
    lap("ingest")
    if not full_refresh and is_current(home, project.fingerprint):
        return Outcome(ingested, is_current=True, seconds=seconds)
    built = run_build(home, project, full_refresh=full_refresh, folder=folder)
    lap("build")
    if not built.is_clean:
        return Outcome(ingested, built, seconds=seconds)
    try:
        publication = run_publish(home, project.content)
    except UserError as refusal:
        return Outcome(ingested, built, refusal=refusal, seconds=seconds)
    lap("publish")
    return Outcome(ingested, built, publication, seconds=seconds)
