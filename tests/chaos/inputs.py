"""What arrives during a campaign: new files, late ones, a live log that grows, orders that change."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline_support import TOKEN, all_files

from clickstream.settings import Home
from sample.generate import generate
from sample.shop_api import serve_orders


@dataclass(frozen=True)
class Inputs:
    """A sample, dealt out over drops.

    Args:
        sample: its folder.
        drops: per drop, the files that arrive, in any order of their names.
        live: a plain log that grows with every drop, its last line torn.
        port: of the order API: always the same, as a change of address means a new parse.
    """

    sample: Path
    drops: tuple[tuple[Path, ...], ...]
    live: Path
    port: int

    @property
    def file_count(self) -> int:
        """Files that arrive in all, the live one once."""
        return sum(map(len, self.drops)) + 1

    def arrive(self, home: Home, number: int) -> None:
        """Put what drop `number` (from 0) brings into a home's inbox."""
        for file in self.drops[number]:
            target = self._target(home, file)
            target.parent.mkdir(parents=True, exist_ok=True)
            # As rsync does: a name that no pattern matches, then the real one; the times of the original.
            hidden = target.with_name(f".{target.name}")
            shutil.copy2(file, hidden)
            hidden.replace(target)
        content = self.live.read_bytes()
        known = self._target(home, self.live)
        known.parent.mkdir(parents=True, exist_ok=True)
        size = len(content) * (number + 1) // len(self.drops)
        with known.open("ab") as log:
            log.write(content[log.tell() : size])

    def _target(self, home: Home, file: Path) -> Path:
        return home.root / "data" / "inbox" / file.relative_to(self.sample)

    @contextmanager
    def shop(self, number: int) -> Iterator[dict[str, str]]:
        """The order API, which knows the orders changed until drop `number`; yields the settings for it."""
        orders = (self.sample / "api" / "orders.jsonl").read_bytes().splitlines(keepends=True)
        orders.sort(key=lambda order: str(json.loads(order)["updated_at"]))
        share = max(1, len(orders) * (number + 1) // len(self.drops))
        part = self.sample / "api" / f"drop-{number}.jsonl"
        part.write_bytes(b"".join(orders[:share]))
        with serve_orders(part, token=TOKEN, port=self.port) as api:
            yield {"CLICKSTREAM_ORDERS_URL": api.url, "CLICKSTREAM_SHOP_TOKEN": TOKEN}


def deal(folder: Path, *, events: int, days: int, drops: int, seed: int) -> Inputs:
    """Make a sample and deal its files out over drops, at random."""
    generate(folder, events=events, days=days, seed=seed)
    files = all_files(folder)
    live = max((file for file in files if file.suffix == ".jsonl"), key=lambda file: file.stat().st_size)
    files.remove(live)
    old = live.stat().st_mtime - 10 * 86_400
    for file in files[::3]:  # Modification times say nothing about what is new.
        os.utime(file, (old, old))
    random.Random(seed).shuffle(files)
    # Much comes first: of a handful of lines, a few defects are a ratio at which tests rightly fail.
    first, rest = files[: len(files) // 3], files[len(files) // 3 :]
    dealt = (tuple(first), *(tuple(rest[part :: drops - 1]) for part in range(drops - 1)))
    return Inputs(folder, dealt, live, _free_port(folder))


def _free_port(folder: Path) -> int:
    with serve_orders(folder / "api" / "orders.jsonl", token=TOKEN) as api:
        return int(api.url.rpartition(":")[2])
