"""The targets, and what the results say to each: figures beside figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.cases.operators import AS_THEY_ARE, OF_A_DATE

DUCKDB_ZSTD_LEVEL = 3
"""It has no setting for it."""

CORES = 2
"""The targets are set for two."""

Cases = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        name: of the target.
        what: is measured.
        target: as the project set it.
        found: the figures.
        is_met: None where the target does not hold for the variant or scale.
        limit: what this machine and these tools need at least, where the results tell it.
    """

    name: str
    what: str
    target: str
    found: str
    is_met: bool | None
    limit: str = ""


def rows(cases: Cases, scale: str) -> list[Row]:
    """A row per target that the results can answer."""
    found: list[Row] = []
    for make in (_t1, _t2, _t3, _t4, _t5, _t6, _t7, _t8, _t9):
        found.extend(make(cases, scale))
    return found


def _median(content: Mapping[str, Any], name: str) -> float:
    value: float = content[name]["median"]
    return value


def _judge(scale: str, is_met: Callable[[], bool]) -> bool | None:
    """Targets of seconds are set for 10 M events; at another scale nothing is judged."""
    return is_met() if scale == "full" else None


@dataclass(frozen=True)
class Floor:
    """What a day takes at least: the bare operators, and dbt and dlt with nothing to do. In seconds.

    The operators may share two cores; what Python does for a build of nothing runs on one. T1's home
    is new, so this build reads the project first.
    """

    operators: float
    idle_cpu: float
    idle_wall: float

    @property
    def wall(self) -> float:
        """On two cores."""
        return self.operators / CORES + self.idle_wall

    @property
    def cpu(self) -> float:
        """Of both."""
        return self.operators + self.idle_cpu


def floor_of(cases: Cases) -> Floor | None:
    """The floor of T1's day, once the operators and a first build of nothing (with T7) are measured."""
    if not cases.keys() >= {"T1", "operators"}:
        return None
    idle = cases["T1"].get("first_build", cases.get("T7", {}).get("unread_build"))
    if idle is None:
        return None
    costs: Mapping[str, float] = cases["operators"]["cpu_seconds_per_million"]
    a_million = sum(seconds for name, seconds in costs.items() if name != AS_THEY_ARE)
    return Floor(
        a_million * cases["T1"]["events"] / 1e6, _median(idle, "cpu_seconds"), _median(idle, "wall_seconds")
    )


def _t1(cases: Cases, scale: str) -> list[Row]:
    found = []
    floor = floor_of(cases)
    limit = (
        f"operators {floor.operators:.0f} CPU-s, a first build of nothing {floor.idle_wall:.0f} s: "
        f"{floor.wall:.0f} s, {floor.cpu:.0f} CPU-s"
        if floor
        else ""
    )
    for variant in ("core", "all"):
        run = cases.get("T1", {}).get(variant)
        if run:
            wall, cpu = _median(run, "wall_seconds"), _median(run, "cpu_seconds")
            is_met = _judge(scale, lambda wall=wall, cpu=cpu: wall <= 60 and cpu <= 120)  # type: ignore[misc]  # mypy takes the defaults for required
            text = f"{wall:.1f} s, {cpu:.1f} CPU-s"
            found.append(
                Row(
                    "T1",
                    f"a day, {variant}",
                    "≤ 60 s, ≤ 120 CPU-s",
                    text,
                    is_met if variant == "core" else None,
                    limit if variant == "core" else "",
                )
            )
    return found


def _t2(cases: Cases, scale: str) -> list[Row]:
    case = cases.get("T1", {})
    if "one_statement" not in case:
        return []
    once = _median(case["one_statement"], "wall_seconds")
    floor = floor_of(cases)
    found = []
    for variant in ("core", "all"):
        if variant in case:
            ratio = _median(case[variant], "wall_seconds") / once
            is_core = variant == "core"
            found.append(
                Row(
                    "T2",
                    f"to one DuckDB statement, {variant}",
                    "≤ 4.5",
                    f"{ratio:.1f} (statement: {once:.1f} s)",
                    _judge(scale, lambda ratio=ratio: ratio <= 4.5) if is_core else None,  # type: ignore[misc]  # as above
                    f"operators alone {floor.operators / CORES / once:.1f}" if floor and is_core else "",
                )
            )
    return found


def _t3(cases: Cases, scale: str) -> list[Row]:
    found = []
    for variant in ("core", "all"):
        run = cases.get("T1", {}).get(variant)
        if run:
            peak = run["peak_bytes"]["max"] / 1e9
            is_met = _judge(scale, lambda peak=peak: peak <= 2) if variant == "core" else None  # type: ignore[misc]  # as above
            found.append(Row("T3", f"peak memory, {variant}", "≤ 2 GB", f"{peak:.2f} GB", is_met))
    for variant, name in (("core", "T3"), ("all", "T3-all")):
        if name in cases:
            run = cases[name]
            text = f"{_median(run, 'wall_seconds'):.1f} s, peak {run['peak_bytes']['max'] / 1e9:.2f} GB"
            is_met = _judge(scale, lambda: True) if variant == "core" else None
            found.append(Row("T3", f"with 512 MB for DuckDB, {variant}", "completes", text, is_met))
    return found


def _ratios(early: Mapping[str, Any], late: Mapping[str, Any]) -> tuple[float, float]:
    """Wall and CPU time of late runs to those of early ones: the medians of pairs that ran by turns."""
    wall, cpu = (
        median(
            after / before for before, after in zip(early[name]["values"], late[name]["values"], strict=True)
        )
        for name in ("wall_seconds", "cpu_seconds")
    )
    return wall, cpu


def _late_dates(cases: Cases, days: Mapping[str, Any]) -> str:
    """What a day adds by changing more dates than the second, if bare operators count these dates anew."""
    costs: Mapping[str, float] = cases.get("operators", {}).get("cpu_seconds_per_million", {})
    if not all(name in costs for name in OF_A_DATE):
        return ""
    dates = days["days"]["settled"] - days["days"]["early"]
    seconds = dates * days["events_per_day"] / 1e6 * sum(costs[name] for name in OF_A_DATE)
    ratio = 1 + seconds / _median(days["early"], "cpu_seconds")
    return f"bare operators on {dates} dates more: {seconds:.1f} CPU-s, {ratio:.2f}"


def _t4(cases: Cases, scale: str) -> list[Row]:
    del scale
    found = []
    for variant, case in (("core", "T4"), ("all", "T4-all")):
        days = cases.get(case)
        if days:
            early, late = days["early"], days["late"]
            wall, cpu = _ratios(early, late)
            seconds = f"{_median(early, 'wall_seconds'):.1f} → {_median(late, 'wall_seconds'):.1f} s"
            is_met = wall <= 1.1 and cpu <= 1.1 if variant == "core" else None
            numbers = days["days"]
            settled = "to day {} (as many dates changed): wall {:.2f}, CPU {:.2f}".format(
                numbers["settled"], *_ratios(days["settled"], late)
            )
            anew = _late_dates(cases, days) if variant == "core" else ""
            found.append(
                Row(
                    "T4",
                    f"day {numbers['late']} to day {numbers['early']}, {variant}",
                    "≤ 1.1",
                    f"wall {wall:.2f}, CPU {cpu:.2f} ({seconds})",
                    is_met,
                    "; ".join(filter(None, (settled, anew))),
                )
            )
    return found


def _t5(cases: Cases, scale: str) -> list[Row]:
    found = []
    for days, variant, case in ((3, "core", "T5"), (6, "core", "T5-6"), (6, "all", "T5-6-all")):
        many = cases.get(case)
        if many:
            ratio = _median(many, "wall_seconds") / days / _median(many["day"], "wall_seconds")
            peak = many["peak_bytes"]["max"] / 1e9
            failed = many.get("failed", 0)
            is_met = ratio <= 1.1 and peak <= 2 and not failed
            found.append(
                Row(
                    "T5",
                    f"{days} days at once, time per event, {variant}",
                    "≤ 1.1, ≤ 2 GB",
                    f"{ratio:.2f} ({_median(many, 'wall_seconds'):.0f} s), {peak:.2f} GB"
                    + (f"; {failed} of {failed + many['runs']} runs failed" if failed else ""),
                    is_met if variant == "core" and scale == "full" else None,
                )
            )
    return found


def _least_bytes(operators: Mapping[str, Any]) -> str:
    """What the lines, the events and the sessions take at least, each kept once."""
    packed = operators.get("compressed_bytes_per_byte", {}).get(str(DUCKDB_ZSTD_LEVEL))
    tables: Mapping[str, float] = operators.get("table_bytes_per_byte", {})
    parts = [f"raw {packed:.2f}: zstd at DuckDB's level"] if packed else []
    if tables:
        parts.append(f"bare tables {sum(tables.values()):.2f}")
    return "; ".join(parts)


def _t6(cases: Cases, scale: str) -> list[Row]:
    del scale
    case = cases.get("T6", {})
    limit = _least_bytes(cases.get("operators", {}))
    found = []
    for variant in ("core", "all"):
        if variant in case:
            size = case[variant]
            whole, raw = (size[name] / size["source_bytes"] for name in ("warehouse_bytes", "raw_bytes"))
            is_met = whole <= 0.25 and raw <= 0.12 if variant == "core" else None
            found.append(
                Row(
                    "T6",
                    f"warehouse bytes per byte, {variant}",
                    "≤ 0.25 (raw ≤ 0.12)",
                    f"{whole:.2f} (raw {raw:.2f})",
                    is_met,
                    limit if variant == "core" else "",
                )
            )
    return found


def _t7(cases: Cases, scale: str) -> list[Row]:
    del scale
    case = cases.get("T7")
    if not case:
        return []
    nothing, file = (_median(case[name], "wall_seconds") for name in ("nothing_new", "one_file"))
    parts = {
        "imports": "imports of dbt and dlt",
        "empty_nodes": "dbt with as many nodes that do nothing",
        "idle_build": "a build of nothing",
    }
    limit = ", ".join(
        f"{what} {_median(case[name], 'wall_seconds'):.1f} s" for name, what in parts.items() if name in case
    )
    return [
        Row("T7", "nothing new", "≤ 4 s", f"{nothing:.1f} s", nothing <= 4),
        Row("T7", "one file of 10,000 events until readable", "≤ 8 s", f"{file:.1f} s", file <= 8, limit),
    ]


def _t8(cases: Cases, scale: str) -> list[Row]:
    del scale
    if "T8" not in cases or "T7" not in cases:
        return []
    late = _median(cases["T8"]["late"], "wall_seconds")
    ratio = late / _median(cases["T7"]["one_file"], "wall_seconds")
    return [
        Row(
            "T8",
            "1,000 late events, 3 of 365 dates, to T7's file",
            "≤ 2",
            f"{ratio:.2f} ({late:.1f} s)",
            ratio <= 2,
        )
    ]


def _t9(cases: Cases, scale: str) -> list[Row]:
    case = cases.get("T9")
    if not case or not case["queries"]:
        return []
    slowest = max(case["queries"].items(), key=lambda item: item[1]["median_ms"])
    text = f"slowest {slowest[1]['median_ms']:.0f} ms ({slowest[0]}), {case['errors']} blocked or failed"
    is_met = _judge(scale, lambda: slowest[1]["median_ms"] <= 50 and not case["errors"])
    return [Row("T9", "20 queries during a build, medians", "each ≤ 50 ms", text, is_met)]
