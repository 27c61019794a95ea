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

from bench.cases.operators import AS_THEY_ARE, LEVELS, OF_A_DATE, operators
from bench.cases.tuning import VARIANTS, changed
from bench.core import core_project, is_analytics, refers, without
from bench.empty import build_empty, empty_project
from bench.homes import Place, bring_back, keep
from bench.measure import CommandFailedError, Sample, apportion, cpu_at, measure, within
from bench.plot import bars
from bench.report import table, write_page
from bench.results import commit, spread, summarize_nodes
from bench.rivals import UnequalError, is_json, require_equal
from bench.settings import PROJECT, Scale
from bench.stages import by_kind, nodes
from bench.targets import rows
from clickstream.pipeline import load_project
from clickstream.settings import Home

MADE: dict[str, Any] = {"commit": "abc", "finished_at": "2026-01-05T00:00:00+00:00"}
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


def _run(wall: float, cpu: float, peak: float) -> dict[str, Any]:
    figures = {"wall_seconds": wall, "cpu_seconds": cpu, "peak_bytes": peak}
    return {"runs": 1, **{name: spread([value]) for name, value in figures.items()}}


def _results(wall: float) -> dict[str, Any]:
    node = {"kind": "model", "name": "events", **_run(12, 23, 1.2e9)}
    core = {
        **_run(wall, 100, 1e9),
        "stages": {"publish": _run(9, 12, 1e9), "ingest": _run(20, 30, 1e9)},
        "nodes": [node],
    }
    cases = {
        "T1": {"core": core, "one_statement": _run(15, 25, 1e9), **MADE},
        "T7": {"nothing_new": _run(1, 1, 1e8), "one_file": _run(9, 9, 1e8), **MADE},
        "peers": {"duckdb_once": {"title": "DuckDB", "bytes": 10**9, **_run(15, 25, 1e9)}, **MADE},
    }
    machine = {
        "processor": "P",
        "cores": 2,
        "memory_bytes": 1e9,
        "system": "S",
        "python": "3",
        "load_before": 0.1,
    }
    return {
        "scale": "full",
        "machine": {**machine, "duckdb": "2", "dbt-core": "1", "dlt": "1"},
        "cases": cases,
    }


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
    results = _results(59)
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


def test_targets_are_judged_by_the_figures() -> None:
    verdicts = {(row.name, row.what): row.is_met for row in rows(_results(59)["cases"], "full")}
    assert verdicts["T1", "a day, core"] is True
    assert verdicts["T2", "to one DuckDB statement, core"] is True
    assert verdicts["T7", "one file of 10,000 events until readable"] is False
    slower = {row.name: row.is_met for row in rows(_results(90)["cases"], "full")}
    assert slower["T1"] is False
    assert slower["T2"] is False
    both = _results(59)["cases"]
    both["T1"]["all"] = _run(75, 150, 1.9e9)
    both |= {"T3": _run(90, 110, 1.2e9), "T3-all": _run(120, 160, 1.3e9)}
    found = {(row.name, row.what): (row.found, row.is_met) for row in rows(both, "full")}
    assert found["T2", "to one DuckDB statement, all"] == ("5.0 (statement: 15.0 s)", None)
    assert found["T3", "with 512 MB for DuckDB, core"] == ("90.0 s, peak 1.20 GB", True)
    assert found["T3", "with 512 MB for DuckDB, all"] == ("120.0 s, peak 1.30 GB", None)
    quick = {row.name: row.is_met for row in rows(_results(90)["cases"], "quick")}
    assert quick["T1"] is None, "the target is set for ten million events"


def test_the_limit_stands_beside_a_missed_target_only() -> None:
    results = {wall: _results(wall) for wall in (59, 90)}
    for each in results.values():
        each["cases"]["T1"]["events"] = 2_000_000
        each["cases"]["T7"] |= {
            "idle_build": _run(9, 11, 1e8),
            "unread_build": _run(10, 12, 1e8),
            "empty_nodes": _run(7, 7, 1e8),
            "imports": _run(4, 4, 1e8),
        }
        each["cases"]["operators"] = {"cpu_seconds_per_million": {"parse": 4.0, AS_THEY_ARE: 9.0}}
    limits = {(row.name, row.what): row.limit for row in rows(results[90]["cases"], "full")}
    day = "operators 8 CPU-s, a first build of nothing 10 s: 14 s, 20 CPU-s"
    assert limits["T1", "a day, core"] == day
    assert limits["T2", "to one DuckDB statement, core"] == "operators alone 0.3"
    small = (
        "imports of dbt and dlt 4.0 s, dbt with as many nodes that do nothing 7.0 s, a build of nothing 9.0 s"
    )
    assert limits["T7", "one file of 10,000 events until readable"] == small
    assert day in table(results[90])
    assert day not in table(results[59])
    assert small in table(results[59]), "this one is missed"


def test_a_series_of_days_is_judged_by_its_ends_and_shown(tmp_path: Path) -> None:
    days = {
        **MADE,
        "events_per_day": 1_000,
        "days": {"early": 2, "settled": 4, "late": 7},
        "days_of_runs": [1, 1, 3],
        "early": _run(10, 20, 1e9),
        "settled": _run(10, 22, 1e9),
        "late": _run(10.5, 23, 1e9),
        "wall_seconds": [9, 10, 20],
        "peak_bytes": [1e9, 2e9],
    }
    results = _results(59)
    results["cases"]["T4"] = days
    results["cases"]["T4-all"] = days | {"late": _run(20, 40, 1e9)}
    found = {row.what: row for row in rows(results["cases"], "full") if row.name == "T4"}
    core, all_marts = (found[f"day 7 to day 2, {name}"] for name in ("core", "all"))
    assert core.found == "wall 1.05, CPU 1.15 (10.0 → 10.5 s)"
    assert core.is_met is False, "wall is met, CPU is not"
    assert core.limit == "to day 4 (as many dates changed): wall 1.05, CPU 1.05"
    assert all_marts.is_met is None
    text = write_page([results], tmp_path / "page.md").read_text("utf-8")
    assert "9, 10, 20 (3 days). Then, by turns" in text
    assert "day 2: 10; day 4: 10; day 7: 10. Peak 2.00 GB" in text


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


def test_growth_is_the_median_of_pairs_that_ran_by_turns() -> None:
    # The machine was slow at the second pair.
    walls = {"early": [10, 20, 10], "late": [11, 21, 30], "settled": [1, 1, 1]}
    days = {name: _run(1, 1, 1e9) | {"wall_seconds": spread(values)} for name, values in walls.items()}
    days = {name: run | {"cpu_seconds": spread([1, 1, 1])} for name, run in days.items()}
    numbers = {"early": 2, "settled": 4, "late": 30}
    cases = {"T4": {**MADE, **days, "days": numbers, "events_per_day": 500_000}}
    found = rows(cases, "full")
    assert [row.found for row in found] == ["wall 1.10, CPU 1.00 (10.0 → 21.0 s)"]
    assert found[0].limit == "to day 4 (as many dates changed): wall 21.00, CPU 1.00"
    cases["operators"] = {"cpu_seconds_per_million": dict.fromkeys([*OF_A_DATE, "json_valid"], 0.01)}
    seconds = 0.01 * len(OF_A_DATE)  # Two dates more, of half a million events each; day 2 took one second.
    assert rows(cases, "full")[0].limit.endswith(
        f"; bare operators on 2 dates more: {seconds:.1f} CPU-s, {1 + seconds:.2f}"
    )


def test_the_bytes_of_a_warehouse_stand_beside_the_least_that_its_tables_take() -> None:
    size = {"source_bytes": 1_000, "raw_bytes": 120, "warehouse_bytes": 251}
    cases: dict[str, Any] = {"T6": {"core": size, "all": size | {"warehouse_bytes": 240}}}
    core, everything = rows(cases, "full")
    assert (core.found, core.is_met, core.limit) == ("0.25 (raw 0.12)", False, "")
    assert everything.is_met is None, "the target is set for core"
    cases["T6"]["core"]["warehouse_bytes"] = 250
    cases["operators"] = {
        "cpu_seconds_per_million": {},
        "compressed_bytes_per_byte": {"3": 0.11},
        "table_bytes_per_byte": {"lines": 0.125, "events": 0.083, "sessions": 0.02},
    }
    core, everything = rows(cases, "full")
    assert core.is_met is True
    assert core.limit == "raw 0.11: zstd at DuckDB's level; bare tables 0.23"
    assert everything.limit == ""


def test_many_days_at_once_are_judged_by_the_time_of_a_day_beside_them() -> None:
    beside, cases = {"day": _run(100, 1, 1e9)}, {"T5": _run(315, 1, 1.5e9)}
    cases["T5"] |= beside
    cases["T1"] = {"core": _run(59, 1, 1e9)}  # In another hour: T5 is not told by it.
    three = [row for row in rows(cases, "full") if row.name == "T5"]
    assert [row.found for row in three] == ["1.05 (315 s), 1.50 GB"]
    assert three[0].is_met is True
    cases["T5-6"] = _run(600, 1, 2.1e9) | beside
    six = [row for row in rows(cases, "full") if row.name == "T5"][1]
    assert six.found == "1.00 (600 s), 2.10 GB"
    assert six.is_met is False, "too much memory"
    cases["T5-6"] = _run(600, 1, 1.5e9) | beside | {"failed": 1}
    six = [row for row in rows(cases, "full") if row.name == "T5"][1]
    assert six.found.endswith("; 1 of 2 runs failed")
    assert six.is_met is False, "a run failed"
    cases["T5-6-all"] = _run(1080, 1, 1.5e9) | {"day": _run(150, 1, 1e9)}
    everything = [row for row in rows(cases, "full") if row.name == "T5"][2]
    assert everything.found == "1.20 (1080 s), 1.50 GB"
    assert everything.is_met is None, "the target is set for core"


def test_the_page_is_written_between_its_marks_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    write_page([_results(59)], page)
    page.write_text(f"before\n{page.read_text('utf-8')}after\n", encoding="utf-8")
    write_page([_results(77)], page)
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "77.0 s" in text
    assert text.index("| ingest | 20.0 |") < text.index("| publish | 9.0 |")
    assert "| model events | 12.0 | 23.0 | 1.20 |" in text
    assert "59.0 s" not in text
    assert "<svg" in (tmp_path / "performance-full.svg").read_text("utf-8")
    assert "77.0 s" in table(_results(77))


def test_a_case_is_shown_as_it_was_last_measured(tmp_path: Path) -> None:
    older, oldest = _results(77), _results(88)
    older["cases"]["T5"] = {**MADE, **_run(315, 1, 1.5e9), "day": _run(100, 1, 1e9), "commit": "older"}
    text = write_page([_results(59), older, oldest], tmp_path / "page.md").read_text("utf-8")
    assert text.count("| T1 |") == 1
    assert "59.0 s" in text
    assert "| T5 | 3 days at once" in text, "only the older one tells it"
    assert "(`older`): T5." in text
    assert text.count("P, 2 cores") == 2, "nothing is shown of the oldest"


def test_cases_of_a_day_tell_their_own_machines(tmp_path: Path) -> None:
    results = _results(59)
    for name, processor, load in (("T1", "Fast", 0.1), ("T7", "Slow", 0.2), ("peers", "Fast", 0.3)):
        machine = {**results["machine"], "processor": processor, "load_before": load}
        results["cases"][name] |= {"machine": machine}
    del results["machine"]
    lines = write_page([results], tmp_path / "page.md").read_text("utf-8").splitlines()
    fast, slow = (next(line for line in lines if processor in line) for processor in ("Fast", "Slow"))
    assert "T1, peers. Fast, 2 cores" in fast
    assert fast.endswith("Load before: 0.1–0.3.")
    assert "T7. Slow, 2 cores" in slow
    assert slow.endswith("Load before: 0.2.")


def test_the_limit_of_a_day_is_of_its_own_machine(tmp_path: Path) -> None:
    older, newer, page = _results(90), _results(90), tmp_path / "page.md"
    older["cases"]["T1"]["events"] = 2_000_000
    bare = {"cpu_seconds_per_million": {"parse": 4.0}, "compressed_bytes_per_byte": {3: 0.2}}
    older["cases"]["operators"] = {**MADE, **bare, "bytes": 10, "lines": 1}
    for results, seconds in ((older, 10), (newer, 30)):
        results["cases"]["T7"] |= {"unread_build": _run(seconds, 12, 1e8)}
    del newer["cases"]["T1"]
    assert "a first build of nothing 30 s" in write_page([newer, older], page).read_text("utf-8")
    newer["machine"] = {**newer["machine"], "processor": "Slow"}
    assert "a first build of nothing 10 s" in write_page([newer, older], page).read_text("utf-8")
    del older["cases"]["T7"]
    assert "a first build of nothing" not in write_page([newer, older], page).read_text("utf-8")


def test_a_bar_is_as_long_as_its_value() -> None:
    picture = bars([("a", 100.0), ("<b>", 50.0)], title="t", unit="u")
    assert 'width="420.0"' in picture
    assert 'width="210.0"' in picture
    assert "&lt;b&gt;" in picture


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
