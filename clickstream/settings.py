"""Where things lie: the project (code) and the home (state)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
"""The checkout: dbt_project.yml, models and macros."""


@dataclass(frozen=True)
class Home:
    """One environment: every file the pipeline writes lies under `root`."""

    root: Path

    @cached_property
    def warehouse(self) -> Path:
        """The DuckDB file that the pipeline writes."""
        return self.root / "warehouse.duckdb"

    @cached_property
    def published(self) -> Path:
        """What readers open: a link to the newest publication."""
        return self.root / "published"

    @cached_property
    def publications(self) -> Path:
        """Where publications lie, one folder each; `published` points at one of them."""
        return self.root / "publications"

    @cached_property
    def state(self) -> Path:
        """Working state that is safe to keep out of sight: locks, dlt packages, dbt target."""
        return self.root / ".clickstream"

    @cached_property
    def dbt_target(self) -> Path:
        """dbt's target folder (manifest.json, compiled SQL)."""
        return self.state / "dbt"

    def resolve(self, path: str) -> Path:
        """A path from a source declaration: relative ones count from the home."""
        return self.root / Path(path).expanduser()

    def display(self, path: Path) -> str:
        """The name a file has in `_source_file`: relative to the home where it lies under it."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


def current_home() -> Home:
    """The home named by `CLICKSTREAM_HOME`, by default the project itself."""
    return Home(Path(os.environ.get("CLICKSTREAM_HOME") or PROJECT).expanduser().resolve())
