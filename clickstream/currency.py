"""What the last run left, by which the next one knows cheaply (without dbt) that there is nothing to do."""

from __future__ import annotations

import hashlib
import json
import os
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from clickstream.errors import UserError
from clickstream.settings import PROJECT, Home

_ENV_VAR = re.compile(r"""env_var\(\s*['"](\w+)['"]""")
_SUFFIXES = (".sql", ".yml", ".yaml", ".csv", ".md", ".py")
_ROOT_FILES = tuple(
    f"{name}.yml"
    for name in (
        *("dbt_project", "profiles", "selectors", "vars", "catalogs"),
        *("packages", "dependencies", "package-lock"),
    )
)
_FOLDERS = ("models", "seeds", "macros", "tests", "snapshots", "analyses", "functions", "dbt_packages")
"""Those that dbt reads where dbt_project.yml names no others, and packages from elsewhere."""


def project_fingerprint(project: Path = PROJECT) -> str:
    """A hash of what decides what dbt builds: files, the environment variables they name, versions.

    CLICKSTREAM_HOME is left out: the hash is kept in the home itself.

    Raises:
        UserError: dbt_project.yml is missing or no YAML.
    """
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')} {project}".encode())
    names: set[str] = set()
    for path in _project_files(project):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(project)}\0{len(content)}\0".encode())
        digest.update(content)
        names.update(_ENV_VAR.findall(content.decode("utf-8", "replace")))
    for name in sorted(names - {"CLICKSTREAM_HOME"}):
        digest.update(f"\0{name}={os.environ.get(name)}".encode())
    return digest.hexdigest()


def _project_files(project: Path) -> list[Path]:
    """The files dbt reads: of its folders, by default and as dbt_project.yml names them, and its own."""
    path = project / "dbt_project.yml"
    try:
        declared: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UserError(
            "The dbt project cannot be read.",
            where=f"{path}: {error}",
            fix="Correct the file; the commands run from a checkout of the project.",
        ) from error
    named = {folder for key, value in declared.items() if key.endswith("-paths") for folder in value}
    found = {project / name for name in _ROOT_FILES if (project / name).is_file()}
    for folder in named.union(_FOLDERS):
        found.update(path for path in (project / folder).rglob("*") if path.suffix in _SUFFIXES)
    return sorted(found)


def cached_manifest(home: Home, fingerprint: str) -> dict[str, Any] | None:
    """The manifest.json of the last parse, when the project is still the same."""
    if _load(home).get("parsed") != fingerprint:
        return None
    try:
        content: dict[str, Any] = json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def note(home: Home, **facts: str | None) -> None:
    """Remember facts of this run.

    Args:
        home: the environment.
        facts: `parsed` and `built_project` (fingerprints of the project), `built` (invocation id of a clean
            full build), `published_build` (the build that readers see).
    """
    path = _path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({**_load(home), **facts}, indent=1), encoding="utf-8")
    fresh.replace(path)


def is_ours(home: Home, invocation_id: str) -> bool:
    """Whether this dbt invocation is the last clean build of `clickstream`, not one of dbt by itself."""
    return invocation_id == _load(home).get("built")


def is_current(home: Home, fingerprint: str) -> bool:
    """Whether the warehouse is built from this project and all its loads, and readers see that build.

    Raises:
        UserError: the warehouse is open in another process.
    """
    from clickstream.warehouse import connect
    from serve.contents import is_intact, read_manifest
    from serve.gate import require_publishable

    noted = _load(home)
    if noted.get("built_project") != fingerprint or not home.warehouse.exists():
        return False
    publication = read_manifest(home.published)
    if publication is None or not is_intact(home.published, publication):
        return False
    with connect(home, read_only=True) as connection:
        try:
            build = require_publishable(connection)
        except UserError:
            return False
    return build.invocation_id == noted.get("built") == noted.get("published_build")


def _path(home: Home) -> Path:
    return home.state / "last_run.json"


def _load(home: Home) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(_path(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content
