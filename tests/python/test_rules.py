"""A changed rule holds for all rows, old ones included; a change that is no rule rebuilds nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline_support import all_files, copy_project, make_sample, put, succeeded
from restatement_support import assert_causes, moved_figures, read_restatements
from toy_project import create_project

from clickstream import dbt_runner
from clickstream.errors import UserError
from clickstream.fingerprint import read_fingerprint
from clickstream.pipeline import load_project, publish_last, run
from clickstream.rules import drop_outdated, model_rules
from clickstream.settings import PROJECT, Home

VARIABLES = {"a_limit": 1, "other": 1, "event_sources": ["stg_a__b"]}


def manifest(
    code: str = "select {{ called() }} {{ theirs() }}",
    macro: str = "{{ var('a_limit') }}",
    strategy: str = "delete",
) -> dict[str, object]:
    """What dbt would write of a model `m`, that reads `v`, that reads a source."""
    return {
        "metadata": {"project_name": "p", "adapter_type": "duckdb"},
        "nodes": {
            "model.p.v": _model("stg_s__t", "select 1", ["source.p.s.t"]),
            "model.p.m": _model("m", code, ["model.p.v", "source.p.s.t"]),
        },
        "macros": {
            "macro.p.called": _macro("p", "called", "{{ adapter.dispatch('inner', 'p')() }}"),
            "macro.p.duckdb__inner": _macro("p", "duckdb__inner", macro),
            "macro.p.uncalled": _macro("p", "uncalled", macro),
            "macro.p.strategy": _macro("p", "get_incremental_by_day_sql", strategy),
            "macro.dbt.theirs": _macro("dbt", "theirs", macro),
        },
        "sources": {"source.p.s.t": {"columns": {"id": {"config": {"meta": {"accepts": ["ID"]}}}}}},
    }


def _model(name: str, code: str, nodes: list[str]) -> dict[str, object]:
    return {
        "resource_type": "model",
        "name": name,
        "raw_code": code,
        "depends_on": {"nodes": nodes},
        "config": {"incremental_strategy": "by_day"} if name == "m" else {},
    }


def _macro(package: str, name: str, code: str) -> dict[str, object]:
    return {"package_name": package, "name": name, "macro_sql": code}


def test_rules_are_the_sql_the_macros_the_vars_and_the_declared_fields() -> None:
    before = model_rules(manifest(), VARIABLES)

    commented = manifest(
        "-- What it is.\n-- Grain.\nselect   {{ called() }} {#- of\nours -#}\n  -- and\n{{ theirs() }}\n"
    )
    assert model_rules(commented, VARIABLES) == before
    assert model_rules(manifest(), VARIABLES | {"other": 2, "event_sources": []}) == before

    def changed(now: dict[str, str]) -> set[str]:
        return {model for model in before if now[model] != before[model]}

    assert changed(model_rules(manifest("select 2 + {{ called() }}"), VARIABLES)) == {"model.p.m"}
    below = manifest("-- What it is.\nselect 2 + {{ called() }} {{ theirs() }}\n")
    assert changed(model_rules(below, VARIABLES)) == {"model.p.m"}, "a comment hides what stands below it"
    assert changed(model_rules(manifest(macro="{{ var('a_limit') + 1 }}"), VARIABLES)) == {"model.p.m"}
    assert changed(model_rules(manifest(), VARIABLES | {"a_limit": 2})) == {"model.p.m"}
    assert changed(model_rules(manifest(strategy="insert"), VARIABLES)) == {"model.p.m"}
    renamed = manifest()
    renamed["sources"]["source.p.s.t"]["columns"]["id"] = {}  # type: ignore[index]
    assert changed(model_rules(renamed, VARIABLES)) == {"model.p.v"}


def test_after_a_rule_has_changed_an_increment_equals_a_full_refresh(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copy_project(tmp_path / "project")
    sample = make_sample(tmp_path / "sample", events=1_000, days=1, seed=4)
    put(home, sample, all_files(sample))
    assert succeeded(run(home, folder=project))
    before = read_fingerprint(home)
    settings = project / "dbt_project.yml"
    rule = settings.read_text(encoding="utf-8")
    pattern = "product_page_pattern: '^(?:/[a-z]{2}(?:-[a-zA-Z]{2})?)?/(?:products?|p|items?)/([^/]+)'"
    assert pattern in rule
    settings.write_text(rule.replace(pattern, "product_page_pattern: '^/none/([^/]+)'"), encoding="utf-8")

    assert succeeded(run(home, folder=project))

    assert "Rules have changed" in capsys.readouterr().err
    after = read_fingerprint(home)
    assert after["marts.daily_product_page_views"] != before["marts.daily_product_page_views"]
    moved = moved_figures(home, 1, 2)
    told = {key: (old, new) for key, (old, new) in moved.items() if old != new}
    assert {mart for _, mart, *_ in told} >= {"daily_product_page_views"}
    assert read_restatements(home) == told, "of dates without new lines, those whose sum has moved"
    assert_causes(home, 2, ["rules"], [])
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        viewed = "from normalized.events where action = 'page_view' and has_product"
        assert connection.execute(viewed).fetchall() == []
    assert succeeded(run(home, folder=project, full_refresh=True))
    assert read_fingerprint(home) == after
    assert read_restatements(home) == told
    assert drop_outdated(home, load_project(home, folder=project).content, project) == []


def test_rows_that_dbt_by_itself_kept_by_old_rules_are_not_published(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = create_project(tmp_path / "project")
    shutil.copytree(PROJECT / "macros" / "publication", project / "macros" / "publication")
    config = "{{ config(schema='marts', materialized='incremental', post_hook='{{ record_rebuild() }}') }}"
    model = project / "models" / "daily_product_page_views.sql"
    views = model.read_text(encoding="utf-8").partition("}}\n")[2]
    model.write_text(f"{config}\n{views}", encoding="utf-8")
    (home.root / "inbox").mkdir()
    (home.root / "inbox" / "a.jsonl").write_text('{"date": "2026-01-05", "product": 1}\n', encoding="utf-8")
    assert succeeded(run(home, folder=project))

    def built_by_dbt(*, full_refresh: bool = False) -> dict[str, Any]:
        read = load_project(home, needs_dbt=True, folder=project)
        assert dbt_runner.build(
            home, read, lambda *_: None, full_refresh=full_refresh, folder=project
        ).is_clean
        return read.content

    publish_last(home, built_by_dbt(), project)

    model.write_text(f"{config}\n{views.replace('as view_count', '* 2 as view_count')}", encoding="utf-8")
    content = built_by_dbt()
    with pytest.raises(UserError, match=r"dbt kept the rows made before \(daily_product_page_views\)"):
        publish_last(home, content, project)
    publish_last(home, built_by_dbt(full_refresh=True), project)

    built_by_dbt()
    assert succeeded(run(home, folder=project))
    assert "1 model is built anew (daily_product_page_views)" in capsys.readouterr().err
    publish_last(home, content, project)
