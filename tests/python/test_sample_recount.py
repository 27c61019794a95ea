"""The truth is what somebody finds who reads the written files line by line."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sample.generate import SampleSummary, generate

BOT = re.compile(
    r"Googlebot|GPTBot|bingbot|ClaudeBot|AhrefsBot|SemrushBot|YandexBot|PerplexityBot|externalhit"
)


def content(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        with pa.CompressedInputStream(str(path), "zstd") as stream:
            data: bytes = stream.read()
            return data
    return path.read_bytes()


def truth(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def totals(folder: Path) -> dict[str, Decimal]:
    return {row["metric"]: Decimal(row["value"]) for row in truth(folder, "totals")}


@dataclass
class Recount:
    """What somebody finds who reads the files line by line, knowing nothing of how they were made."""

    folder: Path
    per_file: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    events: list[dict[str, Any]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        seen: dict[str, bytes] = {}
        for path in sorted((self.folder / "events").rglob("*.jsonl*")):
            name = path.relative_to(self.folder).as_posix()
            data = content(path)
            assert data.endswith(b"\n")
            for raw in data.split(b"\n")[:-1]:
                line = raw.removesuffix(b"\r")
                self.raw.append(line)
                self.per_file[name]["line_count"] += 1
                outcome = self.judge(line, seen, name)
                kind = outcome if outcome in {"blank", "event", "duplicate"} else "quarantined"
                self.per_file[name][f"{kind}_count"] += 1
                if kind == "quarantined":
                    self.reasons[name, outcome] += 1

    def judge(self, line: bytes, seen: dict[str, bytes], name: str) -> str:
        if not line.strip():
            return "blank"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            json.loads(line.decode("utf-8", "replace"))  # nothing else is wrong with it
            return "invalid_utf8"
        try:
            event = json.loads(text)
        except ValueError:
            return "invalid_json"
        defects = [
            reason
            for reason, is_bad in (
                ("missing_event_id", not event.get("event_id")),
                ("missing_page", not event.get("page")),
                ("invalid_timestamp", not self.is_time(event.get("timestamp"))),
            )
            if is_bad
        ]
        assert len(defects) <= 1, line
        if defects:
            return defects[0]
        if event["event_id"] in seen:
            return "duplicate" if seen[event["event_id"]] == line else "event_id_conflict"
        seen[event["event_id"]] = line
        self.lengths.append(len(line))
        self.events.append(event | {"file": name, "at": datetime.fromisoformat(event["timestamp"])})
        return "event"

    @staticmethod
    def is_time(text: object) -> bool:
        if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text):
            return False
        try:
            return bool(datetime.fromisoformat(text))
        except ValueError:
            return False


class Tally:
    """Views, sessions and visitors, of everybody and of humans."""

    def __init__(self) -> None:
        self.views: Counter[bool] = Counter()
        self.sessions: set[tuple[bool, str]] = set()
        self.visitors: set[tuple[bool, str]] = set()

    def add(self, event: dict[str, Any]) -> None:
        is_bot = bool(BOT.search(event["user_agent"]))
        self.views[is_bot] += 1
        self.sessions.add((is_bot, event["session_id"]))
        self.visitors.add((is_bot, event.get("user_id") or "session " + event["session_id"]))

    def row(self) -> dict[str, str]:
        def humans(things: set[tuple[bool, str]]) -> int:
            return sum(not is_bot for is_bot, _ in things)

        return {
            "view_count": str(self.views.total()),
            "session_count": str(len(self.sessions)),
            "visitor_count": str(len(self.visitors)),
            "human_view_count": str(self.views[False]),
            "human_session_count": str(humans(self.sessions)),
            "human_visitor_count": str(humans(self.visitors)),
        }


def path_of(event: dict[str, Any]) -> str:
    return str(event["page"]).split("?", maxsplit=1)[0]


def product_of(event: dict[str, Any]) -> str | None:
    match = re.fullmatch(r"/product/([0-9]+)", path_of(event))
    return match[1] if match else None


def views(recount: Recount) -> Iterator[dict[str, Any]]:
    return (event for event in recount.events if event["action"] == "page_view")


def tallies(recount: Recount, key: Any) -> dict[tuple[str, ...], dict[str, str]]:
    counted: dict[tuple[str, ...], Tally] = defaultdict(Tally)
    for event in views(recount):
        if (name := key(event)) is not None:
            counted[name].add(event)
    return {name: tally.row() for name, tally in counted.items()}


def keyed(rows: list[dict[str, str]], *keys: str) -> dict[tuple[str, ...], dict[str, str]]:
    measures = Tally().row().keys()
    return {tuple(row[key] for key in keys): {name: row[name] for name in measures} for row in rows}


def orders_of(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "api" / "orders.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


def latest_orders(folder: Path) -> dict[str, dict[str, Any]]:
    latest: dict[str, dict[str, Any]] = {}
    for order in sorted(orders_of(folder), key=lambda order: order["updated_at"]):
        latest[order["order_id"]] = order
    return latest


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return generate(tmp_path_factory.mktemp("sample"), events=20_000, days=2, seed=7)


@pytest.fixture(scope="module")
def folder(written: SampleSummary) -> Path:
    return written.out


@pytest.fixture(scope="module")
def recount(folder: Path) -> Recount:
    return Recount(folder)


def test_accounting_per_file_is_what_a_reader_finds(folder: Path, recount: Recount) -> None:
    columns = ["line_count", "blank_count", "event_count", "duplicate_count", "quarantined_count"]
    expected = {
        row["source_file"]: [int(row[name]) for name in columns] for row in truth(folder, "lines_per_file")
    }
    assert expected == {
        name: [counts[column] for column in columns] for name, counts in recount.per_file.items()
    }


def test_quarantine_reasons_are_what_a_reader_finds(folder: Path, recount: Recount) -> None:
    expected = {
        (row["source_file"], row["reason"]): int(row["line_count"]) for row in truth(folder, "quarantined")
    }
    assert expected == dict(recount.reasons)


def test_daily_product_page_views_are_what_a_reader_counts(folder: Path, recount: Recount) -> None:
    def key(event: dict[str, Any]) -> tuple[str, ...] | None:
        product = product_of(event)
        return None if product is None else (str(event["at"].date()), product)

    rows = truth(folder, "daily_product_page_views")
    assert keyed(rows, "view_date", "product_id") == tallies(recount, key)


def test_daily_page_views_are_what_a_reader_counts(folder: Path, recount: Recount) -> None:
    counted = tallies(recount, lambda event: (str(event["at"].date()), path_of(event)))
    assert keyed(truth(folder, "daily_page_views"), "view_date", "page_path") == counted


def test_hourly_page_views_are_what_a_reader_counts(folder: Path, recount: Recount) -> None:
    counted = tallies(recount, lambda event: (f"{event['at']:%Y-%m-%d %H:00:00}",))
    assert keyed(truth(folder, "hourly_page_views"), "view_hour") == counted


def test_sessions_are_what_a_reader_counts(folder: Path, recount: Recount) -> None:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in recount.events:
        found[event["session_id"]].append(event)
    rows = truth(folder, "sessions")
    assert {row["session_id"] for row in rows} == set(found)
    for row in rows:
        events = found[row["session_id"]]
        times = [event["at"] for event in events]
        assert datetime.fromisoformat(row["started_at"]).replace(tzinfo=UTC) == min(times)
        assert datetime.fromisoformat(row["ended_at"]).replace(tzinfo=UTC) == max(times)
        assert int(row["event_count"]) == len(events)
        assert int(row["page_view_count"]) == sum(event["action"] == "page_view" for event in events)
        assert row["is_bot"] == str(bool(BOT.search(events[0]["user_agent"]))).lower()


def test_funnel_counts_carts_and_views_of_the_logs(folder: Path, recount: Recount) -> None:
    carts: Counter[tuple[str, str]] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    for event in recount.events:
        day = str(event["at"].date())
        if event["action"] == "add_to_cart":
            assert event["properties"]["product_id"] == product_of(event)
            carts[day, event["properties"]["product_id"]] += 1
        elif event["action"] == "page_view" and (product := product_of(event)):
            seen[day, product] += 1
    rows = {(row["date"], row["product_id"]): row for row in truth(folder, "product_daily_funnel")}
    assert {key: int(row["cart_count"]) for key, row in rows.items() if row["cart_count"] != "0"} == carts
    assert {key: int(row["view_count"]) for key, row in rows.items() if row["view_count"] != "0"} == seen


def test_totals_and_summary_agree_with_the_parts(
    folder: Path, recount: Recount, written: SampleSummary
) -> None:
    total = totals(folder)
    parts = ("blank_count", "event_count", "duplicate_count", "quarantined_count")
    assert total["line_count"] == len(recount.raw) == sum(total[name] for name in parts)
    assert total["event_count"] == len(recount.events)
    assert total["page_view_count"] == total["product_view_count"] + total["other_page_view_count"]
    assert total["missing_user_id_count"] == sum(not event.get("user_id") for event in recount.events)
    assert total["order_count"] == len(latest_orders(folder))
    assert written.line_count == total["line_count"]
    assert written.byte_count == sum(path.stat().st_size for path in (folder / "events").rglob("*.jsonl*"))


def test_late_events_lie_in_the_files_of_their_arrival(folder: Path, recount: Recount) -> None:
    found = Counter(
        (str(event["at"].date()), event["file"].split("/")[1])
        for event in recount.events
        if event["file"].split("/")[1] > str(event["at"].date())
    )
    rows = truth(folder, "late_events")
    assert {(row["event_date"], row["arrival_date"]): int(row["event_count"]) for row in rows} == found
    hours = [
        datetime.strptime(event["file"][-30:].split("events-")[1][:13], "%Y-%m-%dT%H").replace(tzinfo=UTC)
        - event["at"]
        for event in recount.events
    ]
    assert sum(wait.total_seconds() > 3600 for wait in hours) == pytest.approx(0.016 * len(hours), rel=0.2)
    assert sum(wait.days >= 1 for wait in hours) == pytest.approx(0.003 * len(hours), rel=0.2)
    assert all(wait.total_seconds() > -3600 for wait in hours), "nothing arrives before it happens"
