"""A changed rule holds for all rows, old ones included; a change that is no rule rebuilds nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml
from pipeline_support import all_files, copy_project, make_sample, put, succeeded
from restatement_support import assert_causes, moved_figures, read_restatements
from toy_project import create_project

from clickstream import dbt_runner
from clickstream.errors import UserError
from clickstream.fingerprint import read_fingerprint
from clickstream.pipeline import load_project, publish_last, run
from clickstream.rules import drop_outdated
from clickstream.rules_hash import model_rules
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


KEPT = "dbt kept the rows made before (daily_product_page_views)"
TWICE = "* 2 as view_count"
CONFIG = "{{ config(schema='marts', materialized='incremental', post_hook='{{ record_rebuild() }}') }}"


@dataclass(frozen=True)
class Shop:
    """A loaded and published home of the toy project, whose mart is incremental."""

    home: Home
    project: Path
    model: Path

    def change_rule(self) -> None:
        """Count each view twice."""
        rule = self.model.read_text(encoding="utf-8")
        self.model.write_text(rule.replace("as view_count", TWICE), encoding="utf-8")

    def undo_change(self) -> None:
        """Count each view once."""
        rule = self.model.read_text(encoding="utf-8")
        self.model.write_text(rule.replace(TWICE, "as view_count"), encoding="utf-8")

    def build_by_dbt(self, *options: str) -> str:
        """`dbt build`; returns its invocation id."""
        read = load_project(self.home, needs_dbt=True, folder=self.project)
        command = ["build", *options]
        result, watcher = dbt_runner.invoke(self.home, command, lambda *_: None, self.project, read.parsed)
        assert result.success
        return watcher.invocation_id

    def publish(self) -> None:
        """`clickstream publish`."""
        publish_last(self.home, load_project(self.home, folder=self.project).content, self.project)

    def refusal(self) -> str:
        """Why `publish` refuses; empty when it does not."""
        try:
            self.publish()
        except UserError as error:
            return str(error)
        return ""


@pytest.fixture
def shop(home: Home, tmp_path: Path) -> Shop:
    """Loaded and published by `clickstream run`."""
    project = create_project(tmp_path / "project")
    shutil.copytree(PROJECT / "macros" / "publication", project / "macros" / "publication")
    model = project / "models" / "daily_product_page_views.sql"
    views = model.read_text(encoding="utf-8").partition("}}\n")[2]
    model.write_text(f"{CONFIG}\n{views}", encoding="utf-8")
    (home.root / "inbox").mkdir()
    (home.root / "inbox" / "a.jsonl").write_text('{"date": "2026-01-05", "product": 1}\n', encoding="utf-8")
    assert succeeded(run(home, folder=project))
    return Shop(home, project, model)


def test_rows_that_dbt_by_itself_kept_by_old_rules_are_not_published(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.build_by_dbt()
    assert not shop.refusal()

    shop.change_rule()
    shop.build_by_dbt()
    assert KEPT in shop.refusal()
    shop.undo_change()
    shop.build_by_dbt()
    assert KEPT in shop.refusal(), "some rows are of the rule that was undone"

    assert succeeded(run(shop.home, folder=shop.project))
    assert "1 model is built anew (daily_product_page_views)" in capsys.readouterr().err
    with duckdb.connect(str(shop.home.warehouse), read_only=True) as connection:
        views = connection.execute("select view_count from marts.daily_product_page_views").fetchall()
    assert views == [(1,)]
    shop.build_by_dbt()
    assert not shop.refusal()


def test_what_dbt_by_itself_built_anew_is_published_and_so_are_increments_of_it(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.change_rule()
    shop.build_by_dbt()
    shop.build_by_dbt("--full-refresh")
    assert not shop.refusal()
    shop.build_by_dbt()
    assert not shop.refusal()
    with duckdb.connect(str(shop.home.warehouse), read_only=True) as connection:
        noted = connection.execute("select count(*), count(content) from operations.build_rules").fetchall()
    assert noted == [(3, 1)], "the same rules are kept once"

    assert succeeded(run(shop.home, folder=shop.project))
    assert "built anew" not in capsys.readouterr().err
    with duckdb.connect(str(shop.home.warehouse), read_only=True) as connection:
        assert connection.execute("from operations.build_rules").fetchall() == []


def test_a_build_of_other_models_leaves_the_rows_of_a_model_as_they_were(shop: Shop) -> None:
    shop.change_rule()
    shop.build_by_dbt("--select", "event_accounting")
    shop.undo_change()
    shop.build_by_dbt()
    assert not shop.refusal()


def test_a_build_that_did_not_end_may_have_left_rows_in_any_model(shop: Shop) -> None:
    shop.change_rule()
    killed = shop.build_by_dbt()
    with duckdb.connect(str(shop.home.warehouse)) as connection:
        connection.execute(
            "update operations.builds set finished_at = null where invocation_id = ?", [killed]
        )
        connection.execute("delete from operations.node_results where invocation_id = ?", [killed])
    shop.undo_change()
    shop.build_by_dbt()
    assert KEPT in shop.refusal()


def test_a_model_that_failed_in_a_full_refresh_keeps_rows_of_other_rules(shop: Shop) -> None:
    shop.change_rule()
    shop.build_by_dbt()
    refreshed = shop.build_by_dbt("--full-refresh")
    assert not shop.refusal()
    with duckdb.connect(str(shop.home.warehouse)) as connection:
        connection.execute(
            "update operations.node_results set status = 'error' "
            "where invocation_id = ? and node_name = 'daily_product_page_views'",
            [refreshed],
        )
    shop.build_by_dbt()
    assert KEPT in shop.refusal()


def test_dbt_by_itself_notes_the_rules_that_manifest_json_tells(home: Home) -> None:
    manifest = load_project(home).content
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    dbt = Path(sys.executable).with_name("dbt")
    options = ["--target-path", str(home.dbt_target), "--log-path", str(home.state / "logs"), "--quiet"]

    # Nothing is loaded, so the model fails; the rules were noted before.
    subprocess.run([dbt, "run", "--select", "products", *options], cwd=PROJECT, check=False)

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        [(content,)] = connection.execute("select content from operations.build_rules").fetchall()
    noted = json.loads(content)
    assert model_rules(noted, noted["vars"]) == model_rules(manifest, declared)
