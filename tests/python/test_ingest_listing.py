"""Which files a declared path means."""

from __future__ import annotations

import pytest

from clickstream.settings import Home
from ingest.declarations import SourceTable
from ingest.listing import list_files

FILES = (
    "a.jsonl",
    "day/b.json.gz",
    "day/hour/c.ndjson",
    "day/notes.txt",
    "day/.d.jsonl.part",
    ".hidden/e.jsonl",
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("in/**/*.*json*", ["in/a.jsonl", "in/day/b.json.gz", "in/day/hour/c.ndjson"]),
        ("in/*/*.gz", ["in/day/b.json.gz"]),
        ("in/day", ["in/day/b.json.gz", "in/day/hour/c.ndjson", "in/day/notes.txt"]),
        ("in/day/", ["in/day/b.json.gz", "in/day/hour/c.ndjson", "in/day/notes.txt"]),
        ("in/a.jsonl", ["in/a.jsonl"]),
        ("in/.hidden/*", ["in/.hidden/e.jsonl"]),
        ("elsewhere/**", []),
    ],
)
def test_a_path_is_a_file_a_folder_or_a_glob(home: Home, path: str, found: list[str]) -> None:
    for name in FILES:
        file = home.root / "in" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"{}\n")

    listed = list_files(home, SourceTable("s", "t", "raw_s", "t", "jsonl", {"path": path}))

    assert [file.source_file for file in listed] == found
