"""`python -m bench`: runs cases, writes their results, prints the table.

Cases are independent: each writes its entry when it ends, and one that is run again replaces its entry.
`--missing` runs only those that today's file does not have yet.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.cases import CASES, Case, minutes
from bench.report import table, write_page
from bench.results import load, machine, path_of, results_of, save
from bench.settings import SCALES, cache

PART_OF = {"T2": "T1"}
"""Targets that another case measures."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    options = _options(arguments)
    scale = SCALES[options.scale]
    if options.report:
        return _report(options.page)
    path = path_of(scale)
    cases = _chosen(options.cases, path if options.missing else None)
    total = sum(minutes(case, scale, options.runs) for case in cases)
    names = ", ".join(case.name for case in cases) or "nothing to do"
    _say(f"{scale.name}: {names}; about {total:.0f} minutes")
    _say(f"data and warehouses: {cache()}; results: {path}")
    started = time.monotonic()
    failed = 0
    for case in cases:
        _say(f"{case.name}: {case.title}, about {minutes(case, scale, options.runs):.0f} minutes")
        try:
            measured_on = machine()
            save(path, scale, case.name, case.run(scale, options.runs, _say), measured_on)
        except Exception as error:
            failed += 1
            _say(f"{case.name} failed: {error}")
    _say(f"took {(time.monotonic() - started) / 60:.1f} minutes")
    if path.exists():
        sys.stdout.write("\n" + table(load(path)) + "\n")
    return int(failed > 0)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--scale", choices=sorted(SCALES), default="full")
    parser.add_argument("--runs", type=int, default=3, help="of each measurement; T6 is the same every time")
    parser.add_argument("--missing", action="store_true", help="only cases without a result of today")
    parser.add_argument("--report", action="store_true", help="run nothing; write docs/performance.md anew")
    parser.add_argument("--page", type=Path, default=None, help="where --report writes")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; default: all")
    return parser.parse_args(arguments)


def _chosen(names: Sequence[str], path: Path | None) -> list[Case]:
    """The cases that were asked for, in their order; with `path`, those it lacks.

    Raises:
        SystemExit: there is no such case.
    """
    wanted = {PART_OF.get(name, name) for name in names} or set(CASES)
    unknown = wanted - set(CASES)
    if unknown:
        raise SystemExit(f"No case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}.")
    done = set(load(path)["cases"]) if path and path.exists() else set()
    return [case for name, case in CASES.items() if name in wanted and name not in done]


def _report(page: Path | None) -> int:
    found = [path for name in ("full", "quick") for path in results_of(name)]
    if not found:
        _say("There are no results yet: run `make bench` or `make bench-quick`.")
        return 1
    _say(f"wrote {write_page([load(path) for path in found], page)}")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
