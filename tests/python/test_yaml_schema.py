"""All YAML of the project fits the JSON schema that ships inside dbt-core.

dbt itself checks it for some adapters only; on DuckDB a misspelt key passes silently.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from clickstream.settings import PROJECT

FOLDERS = ("models", "seeds", "macros", "tests", "snapshots", "analyses")
YAML_FILES = sorted(
    path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.y*ml") if ".venv" not in path.parts
)


def schema(kind: str) -> dict[str, Any]:
    """The newest schema of a kind (`resources` or `project`)."""
    folder = files("dbt").joinpath("jsonschemas", kind)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    chosen = "latest.json" if "latest.json" in names else names[-1]
    content: dict[str, Any] = json.loads(folder.joinpath(chosen).read_text(encoding="utf-8"))
    return content


def mistakes(content: object, kind: str) -> list[str]:
    """What does not fit, with its place in the file."""
    checker = jsonschema.Draft7Validator(schema(kind))
    found: list[str] = []
    for error in checker.iter_errors(content):
        found.extend(_deepest(error))
    return sorted(set(found))


def _deepest(error: jsonschema.ValidationError) -> list[str]:
    """The parts of an `anyOf` that say most, instead of the whole block."""
    inner = [reason for reason in error.context or () if "is not of type 'null'" not in reason.message]
    if not inner:
        place = "/".join(str(part) for part in error.absolute_path)
        return [f"{place}: {error.message[:300]}"]
    deepest = max(len(reason.absolute_path) for reason in inner)
    return [told for reason in inner if len(reason.absolute_path) == deepest for told in _deepest(reason)]


def _check_metric(metric: dict[str, Any]) -> None:
    import dbt.cli.main  # noqa: F401  (its modules import each other in a circle: this one must be first)
    from dbt.contracts.graph.unparsed import UnparsedMetric

    UnparsedMetric.validate(metric)


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_properties_fit_the_schema(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    # dbt's schema knows metrics as dbt 1.12 writes them; what 1.11 reads, its own contract checks.
    for metric in content.pop("metrics", []):
        _check_metric(metric)
    assert mistakes(content, "resources") == []


def test_a_mistake_in_a_metric_is_found() -> None:
    metric = {"name": "a", "label": "A", "type": "simple", "type_params": {"measure": "b"}}
    _check_metric(metric)
    with pytest.raises(Exception, match="'typ_params' was unexpected"):
        _check_metric({**metric, "typ_params": {}})


def test_dbt_project_fits_the_schema() -> None:
    content = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert mistakes(content, "project") == []


def test_there_is_yaml_to_check() -> None:
    assert YAML_FILES


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"name": "a", "descripton": "typo"}, "descripton"),
        ({"name": "a", "columns": [{"name": "id", "data_test": ["unique"]}]}, "data_test"),
        ({"name": "a", "meta": {"own": 1}}, "meta"),
    ],
)
def test_a_misspelt_or_old_key_is_found(model: dict[str, Any], told: str) -> None:
    assert any(told in mistake for mistake in mistakes({"models": [model]}, "resources"))
