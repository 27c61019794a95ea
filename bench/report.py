"""Results as text: the table of targets, and docs/performance.md with its plot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.plot import bars
from bench.settings import PROJECT
from bench.targets import Row, rows

PAGE = PROJECT / "docs" / "performance.md"
BEGIN, END = "<!-- begin: written by `make bench-report` -->", "<!-- end -->"
SHOWN_NODES = 12
STAGES = ("start", "ingest", "build", "models", "seeds", "tests", "publish")

Results = Mapping[str, Any]


def table(results: Results) -> str:
    """The targets beside the figures, for a terminal."""
    found = rows(results["cases"], results["scale"])
    cells = [("", "what", "target", f"measured ({results['scale']})", "", "limit")]
    cells += [(row.name, row.what, row.target, row.found, _verdict(row), _limit(row)) for row in found]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _verdict(row: Row) -> str:
    return {True: "met", False: "missed", None: ""}[row.is_met]


def _limit(row: Row) -> str:
    """Said where a target is not met."""
    return "" if row.is_met else row.limit


def write_page(all_results: Sequence[Results], page: Path | None = None) -> Path:
    """Write the measured part of docs/performance.md anew, and its plot; the text around it stays.

    Args:
        all_results: of one scale or both, the newer ones first. Each case is shown as it was last measured.
        page: where; by default the page of the docs.
    """
    page = page or PAGE
    parts: list[str] = []
    for scale in dict.fromkeys(results["scale"] for results in all_results):
        of_scale = [results for results in all_results if results["scale"] == scale]
        shown = _last_measured(of_scale)
        cases = {name: case for results in shown for name, case in results["cases"].items()}
        cases |= _with_first_build(of_scale)
        parts.append(_chapter(scale, cases, shown))
        if "peers" in cases:
            plot = page.with_name(f"performance-{scale}.svg")
            plot.write_text(_plot(cases), encoding="utf-8")
    text = page.read_text(encoding="utf-8") if page.exists() else f"{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    page.write_text(before + BEGIN + "\n\n" + "\n\n".join(parts) + "\n\n" + END + after, encoding="utf-8")
    return page


def _last_measured(newer_first: Sequence[Results]) -> list[Results]:
    """The results without cases that newer ones have, and without those that are left with none."""
    told: set[str] = set()
    found: list[Results] = []
    for results in newer_first:
        cases = {name: case for name, case in results["cases"].items() if name not in told}
        if cases:
            found.append({**results, "cases": cases})
        told |= set(cases)
    return found


def _with_first_build(newer_first: Sequence[Results]) -> dict[str, Any]:
    """T1 as it was last measured, with the first build of nothing of its own machine (T7 measures it)."""

    def measured(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for results in newer_first:
            if case := results["cases"].get(name):
                yield _machine_of(case, results), case

    for machine, day in measured("T1"):
        found = (small.get("unread_build") for other, small in measured("T7") if other == machine)
        return {"T1": {**day, "first_build": next(filter(None, found), None)}}
    return {}


def _facts(results: Results) -> list[str]:
    """On what the cases were measured, when, and of which commit: a paragraph for each machine."""
    by_machine: dict[str, dict[str, Any]] = {}
    for name, case in sorted(results["cases"].items()):
        by_machine.setdefault(_machine_of(case, results), {})[name] = case
    return [_of_machine(facts, cases) for facts, cases in by_machine.items()]


def _of_machine(facts: str, cases: Mapping[str, Any]) -> str:
    of_commit: dict[tuple[str, str], list[str]] = {}
    for name, case in cases.items():
        of_commit.setdefault((case["finished_at"][:10], case["commit"]), []).append(name)
    measured = "; ".join(
        f"{date} (`{commit}`): {', '.join(names)}" for (date, commit), names in sorted(of_commit.items())
    )
    loads = sorted(case["machine"]["load_before"] for case in cases.values() if "machine" in case)
    busy = (
        f" Load before: {'–'.join(str(load) for load in dict.fromkeys((loads[0], loads[-1])))}."
        if loads
        else ""
    )
    return f"{measured}. {facts}.{busy}"


def _machine_of(case: Mapping[str, Any], results: Results) -> str:
    """On what a case was measured; files of commits up to fed6373 tell that of their last case."""
    machine = case.get("machine") or results["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_bytes'] / 1e9:.0f} GB; {machine['system']}; Python {machine['python']}, "
        f"DuckDB {machine['duckdb']}, dbt {machine['dbt-core']}, dlt {machine['dlt']}"
    )


def _chapter(scale: str, cases: Mapping[str, Any], measured: Sequence[Results]) -> str:
    parts = [
        f"## `{'make bench' if scale == 'full' else 'make bench-quick'}`",
        *(facts for results in measured for facts in _facts(results)),
    ]
    if targets := rows(cases, scale):
        parts.append(_targets(targets))
    parts += [
        _stages(case, variant)
        for case in [cases.get("T1", {})]
        for variant in ("core", "all")
        if variant in case
    ]
    if "core" in cases.get("T1", {}):
        parts.append(_nodes(cases["T1"]["core"]))
    parts += [
        _days(cases[case], variant) for variant, case in (("core", "T4"), ("all", "T4-all")) if case in cases
    ]
    if "operators" in cases:
        parts.append(_operators(cases["operators"]))
    if "settings" in cases:
        parts.append(_settings(cases["settings"]))
    if "peers" in cases:
        parts += [
            _peers(cases["peers"], cases.get("T1", {})),
            f"![Peers](performance-{scale}.svg)",
        ]
    return "\n\n".join(parts)


def _targets(shown: Sequence[Row]) -> str:
    lines = ["| | what | target | measured | | limit |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.name} | {row.what} | {row.target} | {row.found} | {_verdict(row)} | {_limit(row)} |"
        for row in shown
    ]
    return "\n".join(lines)


def _range(content: Mapping[str, Any], divisor: float = 1, digits: int = 1) -> str:
    """Median with the smallest and largest."""
    low, middle, high = (f"{content[name] / divisor:.{digits}f}" for name in ("min", "median", "max"))
    return middle if low == high else f"{middle} ({low}–{high})"


def _costs(titled: Iterable[tuple[str, Mapping[str, Any]]], what: str) -> list[str]:
    """A table of wall time, CPU time and memory: what → its figures."""
    lines = [f"| {what} | wall s | CPU s | peak GB |", "|---|---|---|---|"]
    return lines + [f"| {title} | {' | '.join(_cost(figures))} |" for title, figures in titled]


def _cost(figures: Mapping[str, Any]) -> list[str]:
    return [
        _range(figures["wall_seconds"]),
        _range(figures["cpu_seconds"]),
        _range(figures["peak_bytes"], 1e9, 2),
    ]


def _stages(case: Mapping[str, Any], variant: str) -> str:
    run = case[variant]
    ordered = sorted(run["stages"], key=STAGES.index)
    lines = [
        f"T1, {variant}, by stage: median (smallest–largest) of {run['runs']} runs. "
        "Models, seeds and tests are of the build: their seconds add up, while some run at the same time.",
        "",
        *_costs([*((name, run["stages"][name]) for name in ordered), ("whole", run)], "stage"),
    ]
    return "\n".join(lines)


def _nodes(run: Mapping[str, Any]) -> str:
    dearest = [(f"{node['kind']} {node['name']}", node) for node in run["nodes"][:SHOWN_NODES]]
    lines = [
        "The build of T1, core, by node, the dearest. What runs at the same time shares the CPU time.",
        "",
        *_costs(dearest, "node"),
    ]
    return "\n".join(lines)


def _days(runs: Mapping[str, Any], variant: str) -> str:
    """What each run of T4 took."""
    seconds = ", ".join(
        f"{wall:.0f}" + (f" ({days} days)" if days > 1 else "")
        for wall, days in zip(runs["wall_seconds"], runs["days_of_runs"], strict=True)
    )
    again = "; ".join(
        f"day {runs['days'][name]}: "
        + ", ".join(f"{wall:.0f}" for wall in runs[name]["wall_seconds"]["values"])
        for name in ("early", "settled", "late")
    )
    return (
        f"T4, {variant}: days of {runs['events_per_day']:,} events one after the other, seconds of each: "
        f"{seconds}. Then, by turns, on copies of the homes of the day before: {again}. "
        f"Peak {max(runs['peak_bytes']) / 1e9:.2f} GB."
    )


def _operators(case: Mapping[str, Any]) -> str:
    costs: Mapping[str, float] = case["cpu_seconds_per_million"]
    packed = ", ".join(
        f"{ratio:.3f} at level {level}" for level, ratio in case["compressed_bytes_per_byte"].items()
    )
    lines = [
        f"The bare operators, CPU seconds per million lines of {case['bytes'] / case['lines']:.0f} bytes.",
        "",
        "| operator | CPU s |",
        "|---|---|",
        *(f"| {name} | {seconds:.2f} |" for name, seconds in costs.items()),
        "",
        f"zstd makes of a byte of these lines, in blocks of 1 MB: {packed}.",
    ]
    tables: Mapping[str, float] = case.get("table_bytes_per_byte", {})
    if tables:
        kept = ", ".join(f"{name} {ratio:.3f}" for name, ratio in tables.items())
        lines[-1] += f" Tables in DuckDB, each by itself, take: {kept}."
    return "\n".join(lines)


def _settings(case: Mapping[str, Any]) -> str:
    lines = [
        "The day of T1, core, with one setting of profiles.yml changed at a time.",
        "",
        *_costs([(run["title"], run) for run in case["variants"]], "setting"),
    ]
    return "\n".join(lines)


def _peers(case: Mapping[str, Any], day: Mapping[str, Any]) -> str:
    lines = [
        "Peers read the same valid lines, uncompressed, drop repeats, count views per product and day, and "
        "write Parquet; their counts are compared and equal. Ours does all of T1. Plain dlt gets the first "
        "files only (see the size): its rows are Python objects.",
        "",
        "| | GB | wall s | CPU s | peak GB | MB/s |",
        "|---|---|---|---|---|---|",
    ]
    for entry in _entries(case, day):
        run, size = entry["run"], entry["bytes"]
        speed = size / 1e6 / run["wall_seconds"]["median"]
        cells = [f"{size / 1e9:.2f}", *_cost(run), f"{speed:.0f}"]
        lines.append(f"| {entry['title']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _entries(case: Mapping[str, Any], day: Mapping[str, Any]) -> list[dict[str, Any]]:
    peers = [content for name, content in case.items() if isinstance(content, dict) and "title" in content]
    found = [{"title": peer["title"], "bytes": peer["bytes"], "run": peer} for peer in peers]
    size = max(peer["bytes"] for peer in peers)
    ours = [
        (f"this pipeline, whole, {variant}", day[variant]) for variant in ("core", "all") if variant in day
    ]
    return [{"title": title, "bytes": size, "run": run} for title, run in ours] + found


def _plot(cases: Mapping[str, Any]) -> str:
    entries = _entries(cases["peers"], cases.get("T1", {}))
    values = [(e["title"], e["bytes"] / 1e6 / e["run"]["wall_seconds"]["median"]) for e in entries]
    return bars(values, title="MB of JSON lines a second (longer is better)", unit="MB/s")
