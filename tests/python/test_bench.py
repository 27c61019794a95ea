"""The pure parts of the bench: what it measures and makes of it, and what the core project leaves out."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bench_results import MADE, results_of

from bench.cases.operators import LEVELS, OF_A_DATE, operators
from bench.cases.tuning import VARIANTS, changed
from bench.core import core_project, is_analytics, refers, without
from bench.empty import build_empty, empty_project
from bench.homes import Place, bring_back, keep
from bench.measure import CommandFailedError, Sample, apportion, cpu_at, measure, within
from bench.report import write_page
from bench.results import commit, summarize_nodes
from bench.rivals import UnequalError, is_json, require_equal
from bench.settings import PROJECT, Scale
from bench.stages import by_kind, nodes
from clickstream.pipeline import load_project
from clickstream.settings import Home

SAMPLES = [Sample(10.0, 0.0, 100), Sample(11.0, 2.0, 300), Sample(12.0, 4.0, 200)]


def test_a_command_is_measured_with_what_it_starts() -> None:
    inner = "sum(range(6_000_000)); x = bytearray(60_000_000); import time; time.sleep(0.4)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    found = measure([sys.executable, "-c", code])
    assert found.wall_seconds > 0.4
    assert found.cpu_seconds > 0.05
    assert found.peak_bytes > 60_000_000, "the memory of the child counts"


def test_the_memory_of_the_bench_itself_does_not_count() -> None:
    held = bytearray(b"1") * 300_000_000
    found = measure([sys.executable, "-c", "import time; time.sleep(0.4)"])
    assert 0 < found.peak_bytes < len(held)


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(CommandFailedError, match="no such thing"):
        measure([sys.executable, "-c", "import sys; sys.exit('no such thing')"])


def test_cpu_between_two_looks_is_interpolated() -> None:
    assert cpu_at(SAMPLES, 11.5) == 3.0
    assert cpu_at(SAMPLES, 9.0) == 0.0
    assert cpu_at(SAMPLES, 99.0) == 4.0
    stage = within(SAMPLES, 10.5, 11.5)
    assert (stage.wall_seconds, stage.cpu_seconds, stage.peak_bytes) == (1.0, 2.0, 300)
    assert within(SAMPLES, 11.2, 11.7).peak_bytes == 300, "between two looks: what the one before saw"


def test_steps_at_the_same_time_share_the_cpu() -> None:
    found = apportion(SAMPLES, {"a": (10.0, 12.0), "b": (11.0, 12.0)})
    assert found == {"a": 3.0, "b": 1.0}
    assert sum(found.values()) == 4.0, "nothing is counted twice"


def test_the_core_project_is_one_that_dbt_reads_without_analytics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = core_project(tmp_path / "core")
    monkeypatch.setenv("CLICKSTREAM_HOME", str(tmp_path / "home"))
    nodes = load_project(Home(tmp_path / "home"), folder=folder).content["nodes"].values()
    assert not any("analytics" in node["tags"] for node in nodes)
    models = {path.stem: path.read_text("utf-8") for path in (folder / "models").rglob("*.sql")}
    assert {"daily_product_page_views", "hourly_page_views", "daily_orders", "mart_sessions"} <= set(models)
    assert not any(is_analytics(sql) for sql in models.values())
    gone = {path.stem for path in (Path.cwd() / "models").rglob("*.sql")} - set(models)
    assert "funnel_steps_daily" in gone
    left = [
        *models.values(),
        *(path.read_text("utf-8") for path in (folder / "tests" / "data").glob("*.sql")),
    ]
    assert not any(refers(sql, gone) for sql in left)


def test_lists_of_marts_lose_the_entries_of_models_that_are_left_out() -> None:
    sql = "{%- set dates = {\n    'a': 'x',\n    'b': {'n': 'sum(n)'},\n} %}\n"
    assert without(sql, {"b"}) == "{%- set dates = {\n    'a': 'x',\n} %}\n"
    yaml = "models:\n  - name: a\nunit_tests:\n  - name: t\n    input: ref('b')\n"
    assert without(yaml, {"b"}) == "models:\n  - name: a\n"


def test_peers_that_count_differently_are_refused() -> None:
    require_equal({"a": (1, 2, "x"), "b": (1, 2, "x")})
    with pytest.raises(UnequalError, match="b: 1 rows, 3 views"):
        require_equal({"a": (1, 2, "x"), "b": (1, 3, "y")})


def test_peers_get_lines_that_are_json() -> None:
    assert is_json(b'{"a": 1}\n')
    assert not is_json(b'{"a": \n')
    assert not is_json(b'{"a": "\xff"}\n')


def test_the_nodes_of_a_run_are_told_by_the_log_of_dbt(tmp_path: Path) -> None:
    log = tmp_path / ".clickstream" / "logs" / "dbt.log"
    log.parent.mkdir(parents=True)
    second = datetime(2026, 1, 5, tzinfo=UTC)
    events: list[dict[str, Any]] = [{"info": {"name": "LogStartLine"}, "data": {}}]
    for event, unique_id, start, end in (
        ("LogModelResult", "model.clickstream.events", 0.0, 3.0),
        ("LogTestResult", "test.clickstream.primary_key_events.ab12", 3.0, 4.0),
        ("LogTestResult", "test.clickstream.rules_events.cd34", 4.0, 6.0),
    ):
        info = {
            "unique_id": unique_id,
            "node_started_at": (second + timedelta(seconds=start)).replace(tzinfo=None).isoformat(),
            "node_finished_at": (second + timedelta(seconds=end)).replace(tzinfo=None).isoformat(),
        }
        events.append({"info": {"name": event}, "data": {"node_info": info}})
    log.write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
    began = second.timestamp()
    samples = [Sample(began + tenth / 10, tenth / 5, 100 + tenth) for tenth in range(61)]
    found = nodes(tmp_path, samples)
    assert [(node.kind, node.name) for node in found] == [
        ("model", "events"),
        ("test", "primary_key_events"),
        ("test", "rules_events"),
    ]
    kinds = by_kind(found)
    assert kinds.keys() == {"models", "tests"}
    assert [(kind.wall_seconds, kind.peak_bytes) for kind in kinds.values()] == [(3.0, 130), (3.0, 160)]
    assert [kind.cpu_seconds for kind in kinds.values()] == pytest.approx([6.0, 6.0])
    slower = [replace(node, cost=replace(node.cost, cpu_seconds=9.0)) for node in found]
    dearest, *_, last = summarize_nodes([found, slower, slower])
    assert (dearest["name"], dearest["cpu_seconds"]["median"]) == ("events", 9.0)
    assert (last["name"], last["cpu_seconds"]["min"]) == ("rules_events", 4.0)
    assert last["wall_seconds"]["values"] == [2.0, 2.0, 2.0]


def test_every_variant_of_the_settings_changes_what_it_names() -> None:
    profile = (PROJECT / "profiles.yml").read_text("utf-8")
    for variant in VARIANTS:
        assert (changed(profile, variant) != profile) == bool(variant.profile), variant.title
    with pytest.raises(ValueError, match="correct the variant"):
        changed("other text", next(variant for variant in VARIANTS if variant.profile))


def test_the_bare_operators_are_measured_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKSTREAM_BENCH", str(tmp_path))
    scale = Scale("tiny", day=5_000, series_days=1, series_day=1, history_day=1, dlt_lines=1)
    found = operators(scale, 1, lambda _: None)
    assert 4_000 < found["lines"] < 6_000
    assert found["cpu_seconds_per_million"].keys() >= {
        "find the lines",
        "json_valid",
        "write ten text columns",
        *OF_A_DATE,
    }
    ratios = [found["compressed_bytes_per_byte"][str(level)] for level in LEVELS]
    assert 0.3 > ratios[0] > ratios[-1] > 0.05
    tables = found["table_bytes_per_byte"]
    assert ratios[0] < tables["the lines, zstd"] < 0.9
    assert 0 < tables["sessions"] < tables["events in typed columns"]
    assert list(tmp_path.glob("tmp*")) == [], "no database stays"
    results = results_of(59)
    results["cases"]["operators"] = {**MADE, **found}
    text = write_page([results], tmp_path / "page.md").read_text("utf-8")
    assert "| find the lines |" in text
    assert f"{ratios[-1]:.3f} at level 19" in text
    assert f"the lines, zstd {tables['the lines, zstd']:.3f}" in text


def test_a_project_of_nodes_that_do_nothing_is_built(tmp_path: Path) -> None:
    project = empty_project(tmp_path / "empty", models=2, tests=3)
    build_empty(project)
    with duckdb.connect(str(project / "empty.duckdb"), read_only=True) as connection:
        assert connection.execute("from model_0 union all from model_1").fetchall() == [(1,), (1,)]
    log = (project / "logs" / "dbt.log").read_text("utf-8")
    assert "PASS=5 WARN=0 ERROR=0" in log, "two models and three tests"


def test_a_home_is_brought_back_as_it_was_kept(tmp_path: Path) -> None:
    place = Place(Home(tmp_path / "home"), PROJECT)
    for name in ("warehouse.duckdb", "inbox/day/log.jsonl", "publications/000001-a/marts.parquet"):
        (place.home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (place.home.root / name).write_text("before", encoding="utf-8")
    place.home.published.symlink_to("publications/000001-a")
    before = {str(path.relative_to(place.home.root)) for path in place.home.root.rglob("*")}
    kept = keep(place, "day-1")
    for number in range(2):
        place.home.warehouse.write_text(f"run {number}", encoding="utf-8")
        (place.inbox / "day" / "more.jsonl").write_text("more", encoding="utf-8")
        place.home.published.unlink()
        bring_back(place, kept)
        assert {str(path.relative_to(place.home.root)) for path in place.home.root.rglob("*")} == before
        assert place.home.warehouse.read_text("utf-8") == "before"
        assert place.home.published.resolve().name == "000001-a"
    linked = (path.stat().st_nlink for path in (place.inbox / "day" / "log.jsonl", place.home.warehouse))
    assert list(linked) == [2, 1], "what is written once takes no space twice"


def test_a_checkout_is_dirty_where_more_differs_than_what_the_bench_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = ("bench/results/2026-01-05.json", "docs/performance.md", "docs/performance-full.svg")
    for name in (*written, "models/a.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before", encoding="utf-8")
    somebody = ("-c", "user.name=a", "-c", "user.email=a@shop.example")
    for command in (["init", "-q"], ["add", "."], [*somebody, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    monkeypatch.setattr("bench.results.PROJECT", tmp_path)
    clean = commit()
    assert len(clean) == 12
    for each in written:
        (tmp_path / each).write_text("after", encoding="utf-8")
    assert commit() == clean
    (tmp_path / "models" / "a.sql").write_text("after", encoding="utf-8")
    assert commit() == f"{clean}-dirty"
