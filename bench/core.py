"""The project without the models tagged `analytics`: what the targets T1 to T6 are set for.

A copy of the checkout from which these models and their tests are left out, so that a full build of it is
a full build of what it has: it is audited and published by the same rules, and no publication of the whole
project can lose a mart by it.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from bench.settings import PROJECT

COPIED = (
    "clickstream",
    "ingest",
    "serve",
    "sample",
    "models",
    "macros",
    "seeds",
    "tests/data",
    "tests/generic",
    "docs",
)
FILES = ("dbt_project.yml", "profiles.yml", "selectors.yml", "pyproject.toml")

_TAG = re.compile(r"tags=\[[^\]]*['\"]analytics['\"]")
_READERS = re.compile(r"^(exposures|metrics|semantic_models|saved_queries):", re.MULTILINE)
"""YAML that tells who reads the marts and how: it builds nothing, and refers to analytics."""

_UNIT_TESTS = re.compile(r"^unit_tests:.*?(?=^\w|\Z)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"\s*'(\w+)': .*,$")
_REF = re.compile(r"""ref\(\s*['"](\w+)['"]""")


def core_project(folder: Path, project: Path = PROJECT) -> Path:
    """Write the core project into `folder`, anew; returns it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(project / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copyfile(project / name, folder / name)
    gone = {path.stem for path in (folder / "models").rglob("*.sql") if is_analytics(path.read_text("utf-8"))}
    for path in [*(folder / "models").rglob("*.*"), *(folder / "tests" / "data").glob("*.sql")]:
        if path.suffix not in (".sql", ".yml"):
            continue
        text = path.read_text("utf-8")
        is_test = path.parent.name == "data"
        if path.stem in gone or _READERS.search(text) or (is_test and refers(text, gone)):
            path.unlink()
        else:
            path.write_text(without(text, gone), encoding="utf-8")
    return folder


def without(text: str, models: set[str]) -> str:
    """SQL or YAML without unit tests (they judge rules, not data), and without its entries for some models.

    An entry is a line of a list of marts, as `'daily_visitors': 'session_date',`.
    """
    kept = _UNIT_TESTS.sub("", text)
    return "".join(
        line for line in kept.splitlines(keepends=True) if not (m := _ENTRY.match(line)) or m[1] not in models
    )


def is_analytics(sql: str) -> bool:
    """Whether a model's text gives it the tag."""
    return bool(_TAG.search(sql))


def refers(sql: str, models: set[str]) -> bool:
    """Whether a text refers to one of some models."""
    return bool(models.intersection(_REF.findall(sql)))
