"""A sample: the same bytes every time, every defect in it, and nobody else's files touched."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from test_sample_recount import (
    Recount,
    content,
    orders_of,
    totals,
    truth,
)

from clickstream.errors import UserError
from sample.generate import MANIFEST, generate
from sample.rates import MIN_EVENTS


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("smallest"), events=MIN_EVENTS, days=1, seed=3).out


def test_same_arguments_give_the_same_bytes(smallest: Path, tmp_path: Path) -> None:
    generate(tmp_path, events=MIN_EVENTS, days=1, seed=3)
    assert hashes(tmp_path) == hashes(smallest)


def test_another_seed_gives_another_shop(smallest: Path, tmp_path: Path) -> None:
    generate(tmp_path, events=MIN_EVENTS, days=1, seed=4)
    ours, others = hashes(tmp_path), hashes(smallest)
    assert all(ours[name] != others[name] for name in ours if name.startswith("events/") and name in others)


def test_the_smallest_sample_holds_every_defect(smallest: Path) -> None:
    found = Recount(smallest)
    reasons = Counter(reason for _, reason in found.reasons)
    assert set(reasons) == {
        "invalid_utf8",
        "invalid_json",
        "missing_event_id",
        "invalid_timestamp",
        "missing_page",
        "event_id_conflict",
    }
    total = totals(smallest)
    assert total["blank_count"] >= 1
    assert total["unknown_product_view_count"] >= 1
    assert total["invalid_product_view_count"] >= 1
    assert total["bot_event_count"] >= 1
    assert total["missing_user_id_count"] >= 1
    same_file, later_file = duplicate_places(smallest)
    assert same_file
    assert later_file
    assert {row["reason"] for row in truth(smallest, "rejected_order_items")} == {
        "invalid_quantity",
        "invalid_product_id",
    }
    orders = orders_of(smallest)
    assert len(orders) > len({order["order_id"] for order in orders}), "an order comes again, updated"
    assert any(item["product_id"].startswith("990000") for order in orders for item in order["items"])
    day = smallest / "events" / "2026-01-05"
    assert list(day.glob("*.jsonl.gz"))
    assert list(day.glob("*.jsonl.zst"))
    assert b"\r\n" in (day / "events-2026-01-05T13.jsonl").read_bytes()


def duplicate_places(folder: Path) -> tuple[int, int]:
    """How many lines stand again in the same file, and in a later one."""
    first: dict[bytes, str] = {}
    same = later = 0
    for path in sorted((folder / "events").rglob("*.jsonl*")):
        for raw in content(path).split(b"\n"):
            line = raw.removesuffix(b"\r")
            if line.strip():
                place = first.setdefault(line, path.name)
                same += place == path.name
                later += place != path.name
    return same - len(first), later


def test_an_earlier_sample_is_replaced(tmp_path: Path) -> None:
    generate(tmp_path, events=MIN_EVENTS, days=2, seed=1)
    generate(tmp_path, events=MIN_EVENTS, days=1, seed=3)
    manifest = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    assert sorted([*manifest["files"], MANIFEST]) == sorted(hashes(tmp_path))


@pytest.mark.parametrize("name", ["note.txt", "events/mine.jsonl"])
def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, name: str) -> None:
    generate(tmp_path, events=MIN_EVENTS, days=1, seed=1)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    before = hashes(tmp_path)
    with pytest.raises(UserError, match="not part of a sample"):
        generate(tmp_path, events=MIN_EVENTS, days=1, seed=2)
    assert hashes(tmp_path) == before


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be written"):
        generate(tmp_path / "file" / "out", events=MIN_EVENTS, days=1, seed=1)


@pytest.mark.parametrize(
    ("events", "days", "seed"), [(999, 1, 1), (1_000, 0, 1), (1_000, 4, 1), (1_000, 1, -1)]
)
def test_impossible_arguments_are_told(tmp_path: Path, events: int, days: int, seed: int) -> None:
    with pytest.raises(UserError, match="A sample cannot have"):
        generate(tmp_path / "out", events=events, days=days, seed=seed)
    assert not (tmp_path / "out").exists()
