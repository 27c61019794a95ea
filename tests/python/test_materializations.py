"""What stands in place of dbt's own: relations put in place at once, one look at columns, plain tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from clickstream.dbt_runner import invoke
from clickstream.settings import PROJECT, Home

PLAIN = "{name: plain, version: '1.0', profile: clickstream, flags: {send_anonymous_usage_stats: false}}"
TABLE = "{{{{ config(materialized='table') }}}} select {0} as number"
VIEW = "{{{{ config(materialized='view') }}}} select {0} as number"
INCREMENT = """
{{{{ config(materialized='incremental', incremental_strategy='whole', on_schema_change='fail') }}}}
select {0}
"""
CONTRACT = """
models:
  - name: kept
    config: {{contract: {{enforced: true}}}}
    columns:
      - {{name: number, data_type: {0}}}
"""


@pytest.fixture
def project(tmp_path: Path, home: Home) -> Path:
    """A project with all macros and without models; nothing was loaded."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PLAIN, encoding="utf-8")
    shutil.copy(PROJECT / "profiles.yml", folder)
    shutil.copytree(PROJECT / "macros", folder / "macros")
    return folder


def build(home: Home, project: Path, *options: str, **models: str) -> dict[str, str]:
    """Write models (YAML where the name ends so), build all: what dbt says of nodes that did not succeed."""
    for name, content in models.items():
        file = name.removesuffix("_yml") + ".yml" if name.endswith("_yml") else name + ".sql"
        (project / "models" / file).write_text(content, encoding="utf-8")
    result, _ = invoke(home, ["build", *options], lambda *_: None, project)
    assert result.result is not None, result.exception
    return {
        node.node.name: str(node.message)
        for node in result.result.results
        if str(node.status) not in ("success", "pass")
    }


def rows(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def relations(home: Home) -> list[tuple[str, str]]:
    """Name and kind of all relations."""
    kinds = rows(home, "select table_name, table_type from information_schema.tables order by all")
    return [(name, kind) for name, kind in kinds]


def test_a_relation_takes_the_place_of_the_one_before_and_leaves_nothing_beside(
    home: Home, project: Path
) -> None:
    for number, model, kind in ((1, TABLE, "BASE TABLE"), (2, TABLE, "BASE TABLE"), (3, VIEW, "VIEW")):
        assert build(home, project, kept=model.format(number)) == {}
        assert relations(home) == [("kept", kind)]
        assert rows(home, "from kept") == [(number,)]
    assert build(home, project, kept=VIEW.format(4)) == {}
    assert build(home, project, kept=TABLE.format(5)) == {}
    assert relations(home) == [("kept", "BASE TABLE")]
    assert rows(home, "from kept") == [(5,)]


@pytest.mark.parametrize("hook", ["select error('of the hook')", ""])
def test_what_cannot_be_made_leaves_what_was_there(home: Home, project: Path, hook: str) -> None:
    assert build(home, project, kept=TABLE.format(1)) == {}
    wrong = TABLE.format("2" if hook else "error('of the query')")
    failed = build(home, project, kept=wrong.replace(") }}", f', post_hook="{hook}") }}}}'))
    assert list(failed) == ["kept"]
    assert ("of the hook" if hook else "of the query") in failed["kept"]
    assert rows(home, "from kept") == [(1,)]
    assert relations(home) == [("kept", "BASE TABLE")]


def test_a_query_that_breaks_its_contract_is_told_and_held_rows_stay(home: Home, project: Path) -> None:
    contract = CONTRACT.format("integer")
    for model in (TABLE, INCREMENT.replace("{0}", "{0} as number"), VIEW):
        assert build(home, project, "--full-refresh", kept=model.format(1), kept_yml=contract) == {}
        broken = build(home, project, kept=model.format("'one'"))
        assert "This model has an enforced contract that failed" in broken["kept"]
        assert "data type mismatch" in broken["kept"]
        assert rows(home, "from kept") == [(1,)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("1 as number, 2 as other", "Source columns not in target"),
        ("2 as other", "Target columns not in source"),
        ("'one' as number", "'new_type': 'character varying"),
    ],
)
def test_columns_that_differ_from_the_held_ones_are_told_and_held_rows_stay(
    home: Home, project: Path, changed: str, told: str
) -> None:
    assert build(home, project, kept=INCREMENT.format("1 as number")) == {}
    assert build(home, project, kept=INCREMENT.format("2 as number")) == {}
    failed = build(home, project, kept=INCREMENT.format(changed))
    assert "out of sync" in failed["kept"]
    assert told in failed["kept"]
    assert rows(home, "from kept") == [(2,)]


def test_a_contract_that_the_held_table_does_not_keep_is_told(home: Home, project: Path) -> None:
    assert (
        build(home, project, kept=INCREMENT.format("1 as number"), kept_yml=CONTRACT.format("integer")) == {}
    )
    failed = build(
        home,
        project,
        kept=INCREMENT.format("cast(2 as bigint) as number"),
        kept_yml=CONTRACT.format("bigint"),
    )
    assert "out of sync" in failed["kept"]
    assert "'new_type': 'BIGINT'" in failed["kept"]
    assert rows(home, "from kept") == [(1,)]


def test_what_is_left_to_dbt_is_done(home: Home, project: Path) -> None:
    indexed = "{{ config(materialized='table', indexes=[{'columns': ['number']}]) }} select 1 as number"
    for _ in range(2):
        assert build(home, project, kept=indexed) == {}
        assert rows(home, "select table_name from duckdb_indexes()") == [("kept",)]
    assert rows(home, "from kept") == [(1,)]


@pytest.mark.parametrize("model", [TABLE, INCREMENT.replace("{0}", "{0} as number")])
def test_a_header_runs_before_the_query_and_the_look_at_its_columns(
    home: Home, project: Path, model: str
) -> None:
    headed = model.replace(") }}", ", sql_header='create or replace temp macro two() as 2;') }}")
    for _ in range(2):
        assert build(home, project, kept=headed.format("two()"), kept_yml=CONTRACT.format("integer")) == {}
        assert rows(home, "from kept") == [(2,)]


def test_failing_rows_are_counted_and_kept_where_that_is_asked_for(home: Home, project: Path) -> None:
    tests = """
models:
  - name: kept
    columns:
      - name: number
        data_tests: [not_null]
"""
    model = "{{ config(materialized='table') }} select unnest([1, null, null]) as number"
    assert build(home, project, kept=model, kept_yml=tests)["not_null_kept_number"].startswith(
        "Got 2 results"
    )
    assert "main_dbt_test__audit" not in str(rows(home, "select table_schema from information_schema.tables"))
    failed = build(home, project, "--store-failures")
    assert failed["not_null_kept_number"].startswith("Got 2 results")
    stored = rows(
        home, "select table_schema from information_schema.tables where table_name like 'not_null%'"
    )
    assert len(stored) == 1
    assert rows(home, f"select count(*) from {stored[0][0]}.not_null_kept_number") == [(2,)]
