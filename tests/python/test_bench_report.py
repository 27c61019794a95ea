"""Targets are judged, and the page is written, by what the bench has measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench_results import MADE, results_of, run_of

from bench.cases.operators import AS_THEY_ARE, OF_A_DATE
from bench.plot import bars
from bench.report import table, write_page
from bench.results import spread
from bench.targets import rows


def test_targets_are_judged_by_the_figures() -> None:
    verdicts = {(row.name, row.what): row.is_met for row in rows(results_of(59)["cases"], "full")}
    assert verdicts["T1", "a day, core"] is True
    assert verdicts["T2", "to one DuckDB statement, core"] is True
    assert verdicts["T7", "one file of 10,000 events until readable"] is False
    slower = {row.name: row.is_met for row in rows(results_of(90)["cases"], "full")}
    assert slower["T1"] is False
    assert slower["T2"] is False
    both = results_of(59)["cases"]
    both["T1"]["all"] = run_of(75, 150, 1.9e9)
    both |= {"T3": run_of(90, 110, 1.2e9), "T3-all": run_of(120, 160, 1.3e9)}
    found = {(row.name, row.what): (row.found, row.is_met) for row in rows(both, "full")}
    assert found["T2", "to one DuckDB statement, all"] == ("5.0 (statement: 15.0 s)", None)
    assert found["T3", "with 512 MB for DuckDB, core"] == ("90.0 s, peak 1.20 GB", True)
    assert found["T3", "with 512 MB for DuckDB, all"] == ("120.0 s, peak 1.30 GB", None)
    quick = {row.name: row.is_met for row in rows(results_of(90)["cases"], "quick")}
    assert quick["T1"] is None, "the target is set for ten million events"


def test_the_limit_stands_beside_a_missed_target_only() -> None:
    results = {wall: results_of(wall) for wall in (59, 90)}
    for each in results.values():
        each["cases"]["T1"]["events"] = 2_000_000
        each["cases"]["T7"] |= {
            "idle_build": run_of(9, 11, 1e8),
            "unread_build": run_of(10, 12, 1e8),
            "empty_nodes": run_of(7, 7, 1e8),
            "imports": run_of(4, 4, 1e8),
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
        "early": run_of(10, 20, 1e9),
        "settled": run_of(10, 22, 1e9),
        "late": run_of(10.5, 23, 1e9),
        "wall_seconds": [9, 10, 20],
        "peak_bytes": [1e9, 2e9],
    }
    results = results_of(59)
    results["cases"]["T4"] = days
    results["cases"]["T4-all"] = days | {"late": run_of(20, 40, 1e9)}
    found = {row.what: row for row in rows(results["cases"], "full") if row.name == "T4"}
    core, all_marts = (found[f"day 7 to day 2, {name}"] for name in ("core", "all"))
    assert core.found == "wall 1.05, CPU 1.15 (10.0 → 10.5 s)"
    assert core.is_met is False, "wall is met, CPU is not"
    assert core.limit == "to day 4 (as many dates changed): wall 1.05, CPU 1.05"
    assert all_marts.is_met is None
    text = write_page([results], tmp_path / "page.md").read_text("utf-8")
    assert "9, 10, 20 (3 days). Then, by turns" in text
    assert "day 2: 10; day 4: 10; day 7: 10. Peak 2.00 GB" in text


def test_growth_is_the_median_of_pairs_that_ran_by_turns() -> None:
    # The machine was slow at the second pair.
    walls = {"early": [10, 20, 10], "late": [11, 21, 30], "settled": [1, 1, 1]}
    days = {name: run_of(1, 1, 1e9) | {"wall_seconds": spread(values)} for name, values in walls.items()}
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
    beside, cases = {"day": run_of(100, 1, 1e9)}, {"T5": run_of(315, 1, 1.5e9)}
    cases["T5"] |= beside
    cases["T1"] = {"core": run_of(59, 1, 1e9)}  # In another hour: T5 is not told by it.
    three = [row for row in rows(cases, "full") if row.name == "T5"]
    assert [row.found for row in three] == ["1.05 (315 s), 1.50 GB"]
    assert three[0].is_met is True
    cases["T5-6"] = run_of(600, 1, 2.1e9) | beside
    six = [row for row in rows(cases, "full") if row.name == "T5"][1]
    assert six.found == "1.00 (600 s), 2.10 GB"
    assert six.is_met is False, "too much memory"
    cases["T5-6"] = run_of(600, 1, 1.5e9) | beside | {"failed": 1}
    six = [row for row in rows(cases, "full") if row.name == "T5"][1]
    assert six.found.endswith("; 1 of 2 runs failed")
    assert six.is_met is False, "a run failed"
    cases["T5-6-all"] = run_of(1080, 1, 1.5e9) | {"day": run_of(150, 1, 1e9)}
    everything = [row for row in rows(cases, "full") if row.name == "T5"][2]
    assert everything.found == "1.20 (1080 s), 1.50 GB"
    assert everything.is_met is None, "the target is set for core"


def test_the_page_is_written_between_its_marks_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    write_page([results_of(59)], page)
    page.write_text(f"before\n{page.read_text('utf-8')}after\n", encoding="utf-8")
    write_page([results_of(77)], page)
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "77.0 s" in text
    assert text.index("| ingest | 20.0 |") < text.index("| publish | 9.0 |")
    assert "| model events | 12.0 | 23.0 | 1.20 |" in text
    assert "59.0 s" not in text
    assert "<svg" in (tmp_path / "performance-full.svg").read_text("utf-8")
    assert "77.0 s" in table(results_of(77))


def test_a_case_is_shown_as_it_was_last_measured(tmp_path: Path) -> None:
    older, oldest = results_of(77), results_of(88)
    older["cases"]["T5"] = {**MADE, **run_of(315, 1, 1.5e9), "day": run_of(100, 1, 1e9), "commit": "older"}
    text = write_page([results_of(59), older, oldest], tmp_path / "page.md").read_text("utf-8")
    assert text.count("| T1 |") == 1
    assert "59.0 s" in text
    assert "| T5 | 3 days at once" in text, "only the older one tells it"
    assert "(`older`): T5." in text
    assert text.count("P, 2 cores") == 2, "nothing is shown of the oldest"


def test_cases_of_a_day_tell_their_own_machines(tmp_path: Path) -> None:
    results = results_of(59)
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
    older, newer, page = results_of(90), results_of(90), tmp_path / "page.md"
    older["cases"]["T1"]["events"] = 2_000_000
    bare = {"cpu_seconds_per_million": {"parse": 4.0}, "compressed_bytes_per_byte": {3: 0.2}}
    older["cases"]["operators"] = {**MADE, **bare, "bytes": 10, "lines": 1}
    for results, seconds in ((older, 10), (newer, 30)):
        results["cases"]["T7"] |= {"unread_build": run_of(seconds, 12, 1e8)}
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
