"""What the tests of readers share: a publication with hostile texts in it, and the page taken apart."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
import pyarrow
import pytest
import uvicorn
from pipeline_support import make_sample, put, run_with_shop, succeeded

from clickstream.settings import Home
from serve.dashboard.app import make_app
from serve.dashboard.server import listen

HOSTILE_PATH = '/promo/<script>window.hurt="path"</script>'
HOSTILE_NAME = '</script><img src=x onerror=window.hurt="name">'
HOSTILE_SOURCE = '"><svg onload=window.hurt="source">'
HOSTILE_PRODUCT = 999_999
HOSTILE_VIEWS = 500
"""More than any page of the sample has in a week: the hostile texts stand on top of the tables."""


NOW = datetime(2026, 1, 28, 6, 0, tzinfo=UTC)
"""When the pages of the tests are asked for: the morning after the last day."""


def publish_sample(root: Path, work: Path) -> Home:
    """Run the pipeline on a sample of 24 days with hostile texts in its last week; returns the home."""
    home = Home(root)
    root.mkdir(parents=True)
    sample = make_sample(work / "sample", events=15_000, days=24, seed=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLICKSTREAM_HOME", str(root))
        put(home, sample, (sample / "catalogue").iterdir())
        _join_days(sample / "events", home.root / "data" / "inbox" / "events")
        _write_hostile(home.root / "data" / "inbox")
        assert succeeded(run_with_shop(home, sample, patch))
    return home


def _join_days(events: Path, inbox: Path) -> None:
    """One log per day instead of one per hour: an hour of so small a sample is too short for ratios."""
    inbox.mkdir(parents=True)
    for day in sorted(folder for folder in events.iterdir() if folder.is_dir()):
        with (inbox / f"{day.name}.jsonl").open("wb") as joined:
            for file in sorted(day.iterdir()):
                with pyarrow.input_stream(file, compression="detect") as content:
                    joined.write(content.read())


def _write_hostile(inbox: Path) -> None:
    query = f"?utm_source={quote(HOSTILE_SOURCE)}&utm_medium=referral"
    events = [
        {
            "event_id": f"hostile-{number}",
            "timestamp": f"2026-01-{25 + number % 2}T{number // 60:02d}:{number % 60:02d}:00Z",
            "user_id": str(number % 7),
            "session_id": f"hostile-{number % 40}",
            "action": "page_view",
            "page": (HOSTILE_PATH if number % 8 < 5 else f"/product/{HOSTILE_PRODUCT}") + query,
            "referrer": "",
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "ip": "203.0.113.9",
            "properties": {},
        }
        for number in range(HOSTILE_VIEWS * 8 // 5)
    ]
    (inbox / "events" / "hostile.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    name = HOSTILE_NAME.replace('"', '""')
    (inbox / "catalogue" / "products-hostile.csv").write_text(
        "product_id,sku,name,category_id,price,currency,is_active,description,updated_at\n"
        f'{HOSTILE_PRODUCT},h1,"{name}",1,1.00,EUR,true,hostile,2026-01-01T00:00:00Z\n'
    )


def query(path: Path, text: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a query on a DuckDB file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(text, list(values)).fetchall()


@contextmanager
def served(home: Home, **options: Any) -> Iterator[str]:
    """The dashboard, served on a free port of loopback; gives its address."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(make_app(home, **options), log_level="warning", access_log=False))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


class Page(HTMLParser):
    """A page of the dashboard, taken apart.

    `values`: id of each `<data>` → its value. `tables`: id of each table → rows of its body, as texts.
    `tags`: names of all elements. `text`: all that is not inside a script or style.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, float | None] = {}
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self.text = ""
        self.charts: dict[str, dict[str, Any]] = {}
        self._table: list[list[str]] | None = None
        self._in_body = False
        self._script = ""
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._hidden = tag in ("script", "style")
        self._script = given.get("id", "") if tag == "script" else ""
        if tag == "data":
            self.values[given["id"]] = float(given["value"]) if given["value"] else None
        elif tag == "table":
            self._table = self.tables.setdefault(given.get("id", ""), [])
        elif tag == "tbody":
            self._in_body = True
        elif tag == "tr" and self._in_body and self._table is not None:
            self._table.append([])
        elif tag in ("th", "td") and self._in_body and self._table:
            self._table[-1].append("")
        elif tag == "small" and self._in_body and self._table and self._table[-1]:
            self._table[-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag == "tbody":
            self._in_body = False
        if tag in ("script", "style"):
            self._hidden = False

    def handle_data(self, data: str) -> None:
        if self._script == "charts" and self._hidden:
            self.charts = json.loads(data)
        if self._hidden:
            return
        self.text += data
        if self._in_body and self._table and self._table[-1]:
            self._table[-1][-1] += data

    def points(self, chart: str) -> list[dict[str, Any]]:
        """The rows that a chart draws."""
        spec = self.charts[chart]
        found: list[dict[str, Any]] = spec["data"].get("values") or spec["datasets"][spec["data"]["name"]]
        return found

    def column(self, table: str, number: int) -> list[str]:
        """A column of a table, the first lines of its cells."""
        return [self.lines(row[number])[0] for row in self.tables[table]]

    @staticmethod
    def lines(cell: str) -> list[str]:
        """The lines of a cell."""
        return [line.strip() for line in cell.splitlines() if line.strip()]


def number(text: str) -> float:
    """A number as the page writes it: `1,234`, `4.1 %`."""
    return float(text.replace(",", "").replace(" %", ""))


def get(url: str, **filters: str) -> Page:
    """A page of the dashboard."""
    with urllib.request.urlopen(f"{url}/?{urlencode(filters)}") as answer:
        return Page(answer.read().decode())


def refused(url: str, **filters: str) -> tuple[int, Page]:
    """Status and page of an answer that is an error."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        get(url, **filters)
    return raised.value.code, Page(raised.value.read().decode())


def last_complete_date(home: Home) -> date:
    """The day before the one in which the watermark lies."""
    found: date = query(
        home.warehouse,
        "select cast(min(complete_until_at) as date) - interval 1 day from operations.watermarks",
    )[0][0]
    return found.date() if isinstance(found, datetime) else found
