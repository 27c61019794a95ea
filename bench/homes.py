"""Throw-away homes of the pipeline, and measured runs in them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.core import core_project
from bench.measure import Measured, measure
from bench.settings import PROJECT, cache
from clickstream.settings import Home
from sample.shop_api import serve_orders

TOKEN = "bench"  # noqa: S105 (the sample shop listens on 127.0.0.1 and sells nothing)
PORT = 8799
"""Of the sample shop: fixed, because another address would be another project to read."""


@dataclass(frozen=True)
class Place:
    """A home and the project that fills it.

    Args:
        home: all state.
        project: the checkout, or its core.
        env: where the files lie, and settings.
    """

    home: Home
    project: Path
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        """Where files are put one after another."""
        return self.home.root / "inbox"

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Measured:
        """Run the command line (`run` by default) and measure it."""
        command = [sys.executable, "-m", "clickstream", *(arguments or ("run",))]
        shop = {"CLICKSTREAM_SHOP_TOKEN": TOKEN, "CLICKSTREAM_HOME": str(self.home.root)}
        return measure(command, env={**shop, **self.env, **(env or {})}, cwd=self.project)


def new_place(
    name: str,
    *,
    sample: Path,
    core: bool = False,
    all_logs: bool = True,
    env: Mapping[str, str] | None = None,
) -> Place:
    """An empty home.

    Args:
        name: of its folder in the cache; what lies there is removed.
        sample: whose catalogue is loaded.
        core: fill it by the core project.
        all_logs: load all logs of the sample; else those that are put into `inbox`.
        env: further settings.
    """
    root = cache() / "homes" / name
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    logs = sample / "events" if all_logs else root / "inbox"
    settings = {
        "CLICKSTREAM_EVENTS": f"{logs}/**/*.jsonl*",
        "CLICKSTREAM_PRODUCTS": str(sample / "catalogue" / "products.csv"),
        "CLICKSTREAM_CATEGORIES": str(sample / "catalogue" / "categories.csv"),
        "CLICKSTREAM_USERS": str(sample / "catalogue" / "users.csv"),
        **(env or {}),
    }
    project = core_project(cache() / "core") if core else PROJECT
    return Place(Home(root), project, settings)


@contextmanager
def shop(sample: Path) -> Iterator[dict[str, str]]:
    """Serve a sample's orders; yields the settings that name the server. Its CPU is not the pipeline's."""
    with serve_orders(sample / "api" / "orders.jsonl", token=TOKEN, port=PORT) as api:
        yield {"CLICKSTREAM_ORDERS_URL": api.url}


def remove(place: Place) -> None:
    """Delete a home: the large ones take gigabytes."""
    shutil.rmtree(place.home.root, ignore_errors=True)


def load_once(
    name: str, sample: Path, *, core: bool = False, env: Mapping[str, str] | None = None
) -> Measured:
    """Load all of a sample, with its shop, into an empty home that is removed afterwards.

    Args:
        name: of the home's folder in the cache.
        sample: whose logs, catalogue and orders are loaded.
        core: load by the core project.
        env: further settings.

    Raises:
        CommandFailedError: the run failed.
    """
    with shop(sample) as served:
        place = new_place(name, sample=sample, core=core, env={**served, **(env or {})})
        try:
            return place.run()
        finally:
            remove(place)


WRITTEN_ONCE = {"inbox", "publications"}
"""Folders of a home whose files are replaced, never changed."""


def keep(place: Place, name: str) -> Path:
    """Copy a home as it is, to be brought back; returns the folder of the copy."""
    kept = place.home.root.with_name(f"{place.home.root.name}.{name}")
    shutil.rmtree(kept, ignore_errors=True)
    _copy(place.home.root, kept)
    return kept


def bring_back(place: Place, kept: Path) -> None:
    """Make a home what it was when it was kept."""
    remove(place)
    _copy(kept, place.home.root)
    os.sync()  # The run is not to wait for the disk that writes the copy.


def _copy(source: Path, target: Path) -> None:
    def put(old: str, new: str) -> str:
        if WRITTEN_ONCE & set(Path(old).relative_to(source).parts):
            os.link(old, new)
            return new
        return shutil.copy2(old, new)

    shutil.copytree(source, target, symlinks=True, copy_function=put)


def bytes_of(folder: Path) -> int:
    """Bytes of all files below a folder; a file with two names counts once."""
    seen: dict[int, int] = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            stat = path.stat()
            seen[stat.st_ino] = stat.st_blocks * 512 if os.name == "posix" else stat.st_size
    return sum(seen.values())
