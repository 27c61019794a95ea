"""Readers and crashes: a publication is whole at any instant."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from fake_warehouse import create, execute, manifest

from clickstream.errors import UserError
from clickstream.settings import PROJECT, Home
from serve.publish import publish


def assert_whole(folder: Path) -> str:
    """Every stated file is there and has its checksum; returns the publication's id."""
    content = json.loads((folder / "manifest.json").read_text())
    stated = [part for table in content["tables"] for part in table["partitions"]] + [content["database"]]
    for part in stated:
        assert hashlib.sha256((folder / part["path"]).read_bytes()).hexdigest() == part["sha256"]
    identity: str = content["publication"]
    return identity


def test_readers_always_find_one_consistent_publication(home: Home) -> None:
    """Each publish adds one category and one page view: a mixed view would show unequal counts."""
    create(home)
    publish(home, manifest())
    stop = threading.Event()
    seen: set[tuple[int, int]] = set()
    broken: list[Exception] = []

    def poll() -> None:
        while not stop.is_set():
            folder = home.published.resolve()
            try:
                with duckdb.connect(str(folder / "clickstream.duckdb"), read_only=True) as reader:
                    counts = reader.execute(
                        "select (select count(*) from marts.categories),"
                        " (select count(*) from marts.daily_product_page_views)"
                    ).fetchall()
                    seen.update(counts)
            except Exception as error:
                broken.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    for step in range(8):
        execute(
            home,
            f"insert into marts.categories values ({100 + step}, 'c')",
            f"insert into marts.daily_product_page_views values ('2026-01-01', {1000 + step}, 1, 1, 1)",
        )
        publish(home, manifest())
    stop.set()
    thread.join()
    assert broken == []
    assert len(seen) > 2
    assert {views - categories for categories, views in seen} == {298}


def test_an_open_reader_keeps_its_view_when_its_publication_is_removed(home: Home) -> None:
    create(home)
    publish(home, manifest())
    with duckdb.connect(str(home.published / "clickstream.duckdb"), read_only=True) as reader:
        for step in range(5):
            execute(home, f"insert into marts.categories values ({100 + step}, 'c')")
            publish(home, manifest())
        assert reader.execute("select count(*) from marts.categories").fetchone() == (2,)
        assert reader.execute("select count(*) from marts.daily_product_page_views").fetchone() == (300,)


PUBLISHER = """
import sys; sys.path[:0] = [{project!r}, {tests!r}]
from pathlib import Path
from clickstream.settings import Home
from fake_warehouse import execute, manifest
from serve.publish import publish
home = Home(Path({home!r}))
print("ready", flush=True)
step = int(sys.argv[1])
while True:
    step += 1
    execute(home, f"insert into marts.categories values ({{step}}, 'c')")
    publish(home, manifest())
"""


def test_a_publish_killed_at_any_instant_leaves_a_whole_publication(home: Home) -> None:
    create(home)
    last = publish(home, manifest()).id
    program = PUBLISHER.format(project=str(PROJECT), tests=str(Path(__file__).parent), home=str(home.root))
    chance = random.Random(7)
    for attempt in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(1000 * attempt)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        current = assert_whole(home.published)
        assert current >= last
        last = current
    execute(home, "insert into marts.categories values (-1, 'after')")
    assert publish(home, manifest()).is_new
    assert_whole(home.published)
    hidden = [folder.name for folder in home.publications.iterdir() if folder.name.startswith(".")]
    assert hidden == [], "the next publish removes what the killed ones left"


def test_a_failed_copy_leaves_no_rubbish(home: Home) -> None:
    create(home)
    publish(home, manifest())
    execute(home, "alter table marts.categories alter category_id type hugeint")
    execute(home, "insert into marts.categories values (1267650600228229401496703205377, 'x')")
    before = sorted(path.name for path in home.publications.iterdir())
    with pytest.raises(UserError, match="Not published"):
        publish(home, manifest())
    assert sorted(path.name for path in home.publications.iterdir()) == before
