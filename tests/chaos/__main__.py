"""`make chaos`: more kills than CI has time for; prints a summary, exits with 1 when something was found."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from chaos.campaign import Campaign, Result
from chaos.inputs import deal


def main() -> None:
    """Run a campaign."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, metavar="N")
    # Of 3,000, in one of three campaigns a date is without users by chance, and its build is rightly refused.
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=4)
    parser.add_argument("--seed", type=int, default=None, help="of an earlier campaign, to repeat it")
    parser.add_argument("--keep", action="store_true", help="keep the homes, also when all is well")
    chosen = parser.parse_args()
    seed = random.randrange(1_000_000) if chosen.seed is None else chosen.seed
    for name in [name for name in os.environ if name.startswith("CLICKSTREAM_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="clickstream-chaos-"))
    _say(f"seed {seed}, {chosen.kills} kills, {chosen.events:,} events; in {folder}")
    inputs = deal(
        folder / "sample", events=chosen.events, days=chosen.days, drops=chosen.kills, seed=seed % 1_000
    )
    result = Campaign(folder, inputs, kills=chosen.kills, seed=seed, say=_say).run()
    _summarize(result)
    if result.is_clean and not chosen.keep:
        shutil.rmtree(folder)
    else:
        _say(f"Kept: {folder}")
    sys.exit(int(not result.is_clean))


def _summarize(result: Result) -> None:
    _say("")
    _say(f"seed          {result.seed}")
    _say(
        f"kills         {result.kill_count} (of {result.runs} runs; {result.missed} ended before their kill)"
    )
    for name, count in sorted(result.kills.items(), key=lambda item: (-item[1], item[0])):
        _say(f"  {count:>4}        {name}")
    _say(f"inputs        {result.files} files, {result.lines:,} lines, {result.rounds} comparisons")
    _say(f"reader        {result.polls:,} looks, {result.publications} publications seen")
    _say(f"losses        {result.losses}")
    _say(f"duplicates    {result.duplicates}")
    _say(f"faults        {len(result.faults)}")
    for fault in result.faults:
        _say(f"  {fault}")
    _say(f"took          {result.seconds / 60:.0f} min")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
