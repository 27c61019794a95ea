"""A campaign: input comes drop by drop, runs are killed; now and then one goes on, and all is compared."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline_support import differences

from chaos.inputs import Inputs
from chaos.points import FORGET, INGEST, POINTS, Point
from chaos.processes import Starter, reading, run_cold
from clickstream.fingerprint import read_fingerprint
from clickstream.settings import Home
from clickstream.warehouse import connect

RANDOM_SHARE = 0.3
"""Share of kills at a random moment; the others are at named points, each point in turn."""

NEW_INPUT_SHARE = 0.5
"""How often new input arrives between two kills; always when a point is in ingest or a run came through."""

COPIED_AGAIN_SHARE = 0.25

GRAIN_IS_LOAD = (
    "normalized.event_arrivals",
    "normalized.event_date_arrivals",
    "operations.field_arrivals",
    "operations.tested_arrivals",
    "operations.watermarks",
)
"""Tables of figures per file and load: the growing log is loaded in other portions where runs are killed."""

IMPORT_SECONDS = 2.0

COLD_EVERY = 10
"""Every n-th random kill hits a command started the way a person starts it."""

Say = Callable[[str], None]


@dataclass
class Result:
    """What a campaign did and found. `losses` and `duplicates` count rows, against the sample's truth."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    runs: int = 0
    rounds: int = 0
    files: int = 0
    lines: int = 0
    polls: int = 0
    publications: int = 0
    losses: int = 0
    duplicates: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def kill_count(self) -> int:
        """Kills that hit."""
        return sum(self.kills.values())

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.faults and not self.losses and not self.duplicates


class Campaign:
    """Kills runs in one home and compares it with another in which nothing was killed.

    Args:
        folder: an empty folder for both homes and the logs.
        inputs: what arrives.
        kills: how many kills, over all rounds.
        seed: of the random choices.
        points: where to kill; each in turn, in random order.
        compare_every: kills between two comparisons.
        say: is told what happens.
    """

    def __init__(
        self,
        folder: Path,
        inputs: Inputs,
        *,
        kills: int,
        seed: int,
        points: tuple[Point, ...] = POINTS,
        compare_every: int = 12,
        say: Say = lambda _: None,
    ) -> None:
        self._inputs = inputs
        self._kills = kills
        self._chance = random.Random(seed)
        self._all_points = points
        self._points: list[Point] = []
        self._compare_every = compare_every
        self._say = say
        self._log = folder / "output.log"
        self._report = folder / "reader.json"
        self._killed, self._calm = Home(folder / "killed"), Home(folder / "calm")
        for home in (self._killed, self._calm):
            home.root.mkdir(parents=True)
        self._durations = [15.0]
        self._randoms = 0
        self._arrived = self._compared = self._orders_until = 0
        self._is_done = True
        self.result = Result(seed)

    def run(self) -> Result:
        """Do it all."""
        started = time.monotonic()
        with Starter(self._log) as starter, reading(self._killed, self._report):
            next_compare = self._compare_every
            while self.result.kill_count < self._kills and not self._is_exhausted:
                self._kill_once(starter)
                if self.result.kill_count >= next_compare:
                    next_compare += self._compare_every
                    self._finish_and_compare(starter)
            while self._arrived < len(self._inputs.drops):
                self._arrive()
            self._finish_and_compare(starter)
            # Once more with all orders, and the file that was forgotten last.
            self._finish_and_compare(starter, is_last=True)
        self._judge_truth()
        self._judge_reader()
        self.result.seconds = time.monotonic() - started
        return self.result

    @property
    def _is_exhausted(self) -> bool:
        """Whether all input has come and been worked off: no run would come by the points any more."""
        return self._is_done and self._arrived == len(self._inputs.drops)

    def _arrive(self) -> None:
        self._inputs.arrive(self._killed, self._arrived)
        self._arrived += 1
        self._is_done = False

    @contextmanager
    def _settings(self, home: Home) -> Iterator[dict[str, str]]:
        with self._inputs.shop(self._orders_until) as settings:
            yield {"CLICKSTREAM_HOME": str(home.root), **settings}

    # -- killing

    def _kill_once(self, starter: Starter) -> None:
        is_random = self._chance.random() < RANDOM_SHARE
        if not is_random and not self._points:
            self._points = self._chance.sample(self._all_points, len(self._all_points))
        point = None if is_random else self._points.pop()
        is_wanted = self._is_done or point in INGEST or self._chance.random() < NEW_INPUT_SHARE
        if is_wanted and self._arrived < len(self._inputs.drops):
            self._arrive()
        if self._arrived > 1 and self._chance.random() < COPIED_AGAIN_SHARE:
            self._copy_again()
        started = time.monotonic()
        with self._settings(self._killed) as env:
            if point is None:
                code = self._kill_at_random(starter, env)
            else:
                call = self._chance.randint(1, point.calls)
                code = starter.run(["run"], env, point=point, call=call)
        self._count(point.name if point else "at a random moment", code, time.monotonic() - started)

    def _kill_at_random(self, starter: Starter, env: dict[str, str]) -> int:
        self._randoms += 1
        moment = self._chance.uniform(0.0, 0.9 * max(self._durations[-3:]))
        if self._randoms % COLD_EVERY == 0:
            return run_cold(["run"], env, self._log, kill_after=moment + IMPORT_SECONDS)
        return starter.run(["run"], env, kill_after=moment)

    def _forget(self, starter: Starter) -> None:
        """Kill forget-file, then let it through; the file is put there again: the next run loads it anew."""
        point = self._chance.choice(FORGET)
        file = self._any_file()
        if file is None:
            return
        argv = ["forget-file", str(file.relative_to(self._killed.root))]
        env = {"CLICKSTREAM_HOME": str(self._killed.root)}
        self._count(point.name, starter.run(argv, env, point=point), 0.0)
        code = starter.run(argv, env)
        if code:
            self._fault(f"forget-file ended with {code}: {self._tail()}")
        os.utime(file)
        self._is_done = False

    def _copy_again(self) -> None:
        """A file that is there is written again, byte for byte, as a repeated copy job does."""
        file = self._any_file()
        if file is not None:
            file.write_bytes(file.read_bytes())

    def _any_file(self) -> Path | None:
        """An event log that has come, not the one that grows."""
        inbox = self._killed.root / "data" / "inbox"
        files = [file for file in inbox.rglob("events-*") if file.name != self._inputs.live.name]
        return self._chance.choice(sorted(files)) if files else None

    def _count(self, name: str, code: int, seconds: float) -> None:
        self.result.runs += 1
        if code == -9:
            self.result.kills[name] += 1
        elif code == 0:
            self.result.missed += 1
            self._is_done = True
            self._durations.append(max(seconds, 5.0))
        else:
            self._fault(f"a run to be killed ({name}) ended with {code}: {self._tail()}")
        self._say(
            f"{self.result.kill_count} of {self._kills}: {name}{'' if code == -9 else ', ended before'}"
        )

    def _tail(self) -> str:
        return " / ".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])

    # -- looking

    def _finish_and_compare(self, starter: Starter, *, is_last: bool = False) -> None:
        """The run after the kills must need no help; then the same input goes to the home without kills."""
        self.result.rounds += 1
        for home in (self._killed, self._calm):
            while home is self._calm and self._compared < self._arrived:
                self._inputs.arrive(home, self._compared)
                self._compared += 1
            started = time.monotonic()
            with self._settings(home) as env:
                code = starter.run(["run"], env)
            self.result.runs += 1
            self._durations.append(time.monotonic() - started)
            if code:
                self._fault(f"{home.root.name}, {self.result.kill_count} kills: exit {code}: {self._tail()}")
        self._is_done = True
        self._compare()
        self._orders_until = self._arrived - 1  # Not between: both homes must load the same changes at once.
        if not is_last:
            self._forget(starter)
        self._say(f"after {self._arrived} drops of input: compared, {len(self.result.faults)} faults so far")

    # -- judging

    def _compare(self) -> None:
        ours, theirs = read_fingerprint(self._killed), read_fingerprint(self._calm)
        unequal = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
        after = f"after {self.result.kill_count} kills, {self._arrived} drops"
        unequal = [name for name in unequal if name not in GRAIN_IS_LOAD]
        if unequal:
            self._fault(f"{after}: not as without kills: {', '.join(unequal)}")
        if _published(self._killed) != _published(self._calm):
            self._fault(f"{after}: published rows are not as without kills")

    def _judge_truth(self) -> None:
        for name, (extra, lacking) in differences(self._killed, self._inputs.sample).items():
            self.result.duplicates += extra
            self.result.losses += lacking
            self._fault(f"{name}: {extra} rows too many, {lacking} lost")
        with connect(self._killed, read_only=True) as connection:
            lines, accounted, raw, distinct = connection.execute(
                """select
                    (select sum(line_count) from operations.event_accounting),
                    (select sum(event_count + duplicate_count + quarantined_count + blank_count)
                     from operations.event_accounting),
                    (select count(*) from raw_clickstream.events),
                    (select count(distinct (_source_file, _source_line)) from raw_clickstream.events)
                """
            ).fetchall()[0]
        known = self._known_lines()
        self.result.files, self.result.lines = self._inputs.file_count, known
        self.result.losses += max(0, known - distinct)
        self.result.duplicates += raw - distinct
        if not known == lines == accounted == raw == distinct:
            self._fault(
                f"lines {known}, booked {lines}, accounted {accounted}, raw {raw}, distinct {distinct}"
            )

    def _known_lines(self) -> int:
        totals = (self._inputs.sample / "expected" / "totals.csv").read_text(encoding="utf-8").splitlines()
        return int(dict(line.split(",") for line in totals)["line_count"])

    def _judge_reader(self) -> None:
        seen: dict[str, Any] = json.loads(self._report.read_text(encoding="utf-8"))
        self.result.polls, self.result.publications = seen["polls"], len(seen["publications"])
        if seen["violation_count"]:
            self._fault(f"the reader saw {seen['violation_count']}: {'; '.join(seen['violations'])}")

    def _fault(self, sentence: str) -> None:
        self.result.faults.append(sentence)
        self._say(f"FAULT: {sentence}")


def _published(home: Home) -> dict[str, list[Any]]:
    """What readers see of the marts: hash per table and partition."""
    content = json.loads((home.published / "manifest.json").read_text(encoding="utf-8"))
    return {
        table["name"]: [(part["value"], part["rows"], part["content_hash"]) for part in table["partitions"]]
        for table in content["tables"]
        if table["name"].startswith("marts.")
    }
