"""dbt in this process: parse the project, build it, say compactly how it went.

dbt is imported inside the functions (it takes seconds); its own wordy log goes to a file.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clickstream.console import Reporter
from clickstream.currency import project_fingerprint
from clickstream.dbt_kept import keep_manifest, kept_code, kept_manifest, kept_work, project_key
from clickstream.errors import UserError
from clickstream.settings import PROJECT, Home
from serve.gate import NodeFailure

WRITES_FILES = "DBT_WRITE_JSON"
"""dbt's own setting. By default we keep dbt from writing its manifest after each command: 2 s of a small run,
for what is known already."""

GARBAGE_THRESHOLD = 10_000
"""New objects after which Python looks for garbage while dbt is imported, reads the project and builds it: by
Python's own 700 a small run spent 0.5 s more. Not while files are loaded: there garbage holds memory."""

FAILED = ("error", "fail", "runtime error", "partial success")

NODE_IS_DONE = ("LogModelResult", "LogSeedResult", "LogTestResult", "SkippingDetails")
"""Of dbt's events of level info, those that tell of a node that nothing more happens to it."""


@dataclass(frozen=True)
class Project:
    """A project as it was read.

    `content` is manifest.json, `fingerprint` the hash of the files before they were read, `parsed` dbt's own
    object (None: nobody needs it).
    """

    content: dict[str, Any]
    fingerprint: str
    parsed: Any = None


@dataclass(frozen=True)
class BuildReport:
    """How a dbt build went; `problem` is dbt's own error when it did not get as far as running nodes."""

    invocation_id: str
    counts: dict[str, int]
    failures: tuple[NodeFailure, ...] = ()
    warnings: tuple[NodeFailure, ...] = ()
    seconds: float = 0.0
    problem: str = ""

    @property
    def is_clean(self) -> bool:
        """Nothing failed: what was built may be published."""
        return not self.problem and not self.failures and not self.counts.get("skipped")


@dataclass
class _Watcher:
    """Follows dbt's events."""

    report: Reporter
    invocation_id: str = ""
    done: int = 0
    total: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)

    def __call__(self, event: Any) -> None:
        self.invocation_id = event.info.invocation_id
        name = event.info.name
        if name == "LogStartLine":
            self.total = event.data.total
            self._tell(event.data.node_info.node_name)
        elif name in NODE_IS_DONE:
            self.done += 1
            self.failed += event.data.node_info.node_status in FAILED
            self._tell(event.data.node_info.node_name)
        elif name == "MainEncounteredError":
            self.errors.append(str(event.data.exc))

    def _tell(self, node: str) -> None:
        failed = f", {self.failed} failed" if self.failed else ""
        self.report(self.done, self.total, f"{node}{failed}")


def log_path(home: Home) -> Path:
    """dbt's own log."""
    return home.state / "logs" / "dbt.log"


def parse(
    home: Home,
    report: Reporter,
    fingerprint: str,
    project: Path = PROJECT,
    *,
    known: dict[str, Any] | None = None,
) -> Project:
    """Read the dbt project; writes manifest.json to the home's dbt target, unless its content is `known`.

    Then nothing has changed since, and dbt reads it only where its own object was not kept. A project that is
    edited while dbt reads it is read again.

    Args:
        home: the environment.
        report: is told how far it is.
        fingerprint: the project's, from before it is read.
        project: its folder.
        known: manifest.json of the project with this fingerprint.

    Raises:
        UserError: the project has a mistake; carries dbt's message, which names the file.
    """
    key = project_key(fingerprint)
    import_dbt(home)
    kept = kept_manifest(home, key) if known is not None else None
    if known is not None and kept is not None:
        return Project(known, fingerprint, kept)
    result, watcher = invoke(home, ["parse", *_without_files(known is not None)], report, project)
    if not result.success or result.result is None:
        raise UserError(
            f"The dbt project cannot be read: {_problem(result, watcher)}",
            where=str(project),
            fix="Correct the file named above, then run again.",
        )
    if (now := project_fingerprint(project)) != fingerprint:  # Which files were read as they are now?
        return parse(home, report, now, project)
    content = known or json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    keep_manifest(home, key, result.result)
    return Project(content, fingerprint, result.result)


def _without_files(is_needless: bool = True) -> list[str]:
    return ["--no-write-json"] if is_needless and WRITES_FILES not in os.environ else []


def build(
    home: Home,
    project: Project,
    report: Reporter,
    *,
    full_refresh: bool = False,
    unit_tests: bool = False,
    folder: Path = PROJECT,
) -> BuildReport:
    """Build every model and run every data test.

    Unit tests judge the code, not the data: they run only when asked for (`make test` does).
    """
    # All is built: dbt need not look whether all that a test reads is (dbt_project.yml asks it to).
    arguments = ["build", "--indirect-selection", "eager", *_without_files()]
    if full_refresh:
        arguments.append("--full-refresh")
    if not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    gc.freeze()  # dbt keeps all it has parsed: to look for garbage in it took a second of a small build's 13.
    try:
        result, watcher = invoke(home, arguments, report, folder, project.parsed)
    finally:
        gc.unfreeze()
    if result.result is None:
        return BuildReport(watcher.invocation_id, {}, problem=_problem(result, watcher))
    counts: dict[str, int] = {}
    for node_result in result.result.results:
        kind = _kind(str(node_result.status))
        if kind == "failed" or node_result.node.resource_type != "operation":  # Hooks count when they fail.
            counts[kind] = counts.get(kind, 0) + 1
    failures = tuple(_failure(each) for each in result.result.results if _kind(str(each.status)) == "failed")
    warnings = tuple(_failure(each) for each in result.result.results if str(each.status) == "warn")
    problem = "" if result.success or failures else _problem(result, watcher)
    return BuildReport(watcher.invocation_id, counts, failures, warnings, result.result.elapsed_time, problem)


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Have Python look for garbage less often."""
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_garbage_left()
def import_dbt(home: Home) -> None:
    """Import dbt (seconds), and have it spare what nobody needs."""
    if "dbt.cli.main" not in sys.modules:
        from mashumaro.config import BaseConfig

        BaseConfig.lazy_compilation = True  # Of each dataclass, when first used: 0.6 of 2.2 s of imports.
        with kept_code(home):
            import dbt.adapters.duckdb
            import dbt.cli.main  # noqa: F401

    from clickstream.dbt_contexts import make_macros_when_asked
    from clickstream.dbt_events import leave_out_debug_events
    from clickstream.dbt_shortcuts import take_shortcuts

    leave_out_debug_events()
    make_macros_when_asked()
    take_shortcuts()


@_garbage_left()
def invoke(
    home: Home, command: list[str], report: Reporter, project: Path, manifest: Any = None
) -> tuple[Any, _Watcher]:
    """Run one dbt command on the home's warehouse; returns dbt's result and what its events told.

    The warehouse file is closed afterwards. Ctrl-C is passed on.
    """
    import_dbt(home)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ["CLICKSTREAM_HOME"] = str(home.root)  # profiles.yml and source declarations read it.
    home.dbt_target.mkdir(parents=True, exist_ok=True)
    logging.raiseExceptions = False  # A log that cannot be written (a full disk) is no news of its own.
    watcher = _Watcher(report)
    arguments = [
        *command,
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(home.dbt_target), "--log-path", str(log_path(home).parent)),
        *("--log-level", "none", "--log-level-file", "info", "--no-print"),
    ]
    try:
        with kept_work(home):
            result = dbtRunner(manifest=manifest, callbacks=[watcher]).invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    _let_go(result.exception)
    return result, watcher


def _let_go(error: BaseException | None) -> None:
    """Drop what an error's traceback holds: an open connection to the warehouse would be in the way."""
    if error is None:
        return
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
    gc.collect()


def _problem(result: Any, watcher: _Watcher) -> str:
    return str(
        result.exception or "\n".join(watcher.errors) or f"see {watcher.invocation_id} in dbt.log"
    ).strip()


def _kind(status: str) -> str:
    if status in FAILED:
        return "failed"
    return {"success": "built", "pass": "passed", "warn": "warned", "skipped": "skipped"}.get(status, "other")


def _failure(result: Any) -> NodeFailure:
    node = result.node
    is_test = node.resource_type in ("test", "unit_test")
    return NodeFailure(
        node_name=node.name,
        resource_type=str(node.resource_type).replace("unit_test", "unit test"),
        status=str(result.status),
        failure_count=result.failures,
        message=(result.message or "").strip() or None,
        relation_name=getattr(node, "relation_name", None) if is_test else None,
        query_file=getattr(node, "compiled_path", None) if is_test else None,
        file=node.original_file_path,
    )
