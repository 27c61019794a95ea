"""The dashboard with wrong filters, hostile texts, new, old, stale and missing publications."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from published_support import (
    HOSTILE_NAME,
    HOSTILE_PATH,
    HOSTILE_SOURCE,
    HOSTILE_VIEWS,
    NOW,
    get,
    last_complete_date,
    number,
    query,
    refused,
    served,
)

from clickstream.errors import UserError
from clickstream.settings import Home
from serve.dashboard.publication import Reader
from serve.dashboard.rendering import json_in_html
from serve.dashboard.server import export, listen


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"from": "yesterday"}, "“yesterday” is no date"),
        ({"from": "2026-01-20", "to": "2026-01-19"}, "after it ends"),
        ({"to": "2031-01-01"}, "Choose a date from 2026-01-05 to"),
        ({"channel": "x' or 1=1 --"}, "There is no channel “x' or 1=1 --”"),
        ({"category": "<script>window.hurt=1</script>"}, "There is no category “<script>"),
    ],
)
def test_a_wrong_filter_is_told_not_run(address: str, filters: dict[str, str], told: str) -> None:
    status, page = refused(address, **filters)
    assert status == 400
    assert told in page.text
    assert "script" not in page.tags


def test_an_empty_filter_is_none(address: str) -> None:
    empty = {"from": "", "to": "", "category": "", "channel": ""}
    assert get(address, **empty).values == get(address).values


def test_hostile_names_paths_and_sources_are_shown_as_text(address: str) -> None:
    page = get(address)
    assert page.column("products", 0)[0] == HOSTILE_NAME
    assert page.column("pages", 0)[0] == HOSTILE_PATH
    assert number(page.column("pages", 1)[0]) == HOSTILE_VIEWS
    assert HOSTILE_SOURCE in page.column("sources", 0)
    assert page.tags.count("script") == 3
    assert not {"img", "svg"} & set(page.tags)


def test_no_text_of_a_chart_can_end_its_script() -> None:
    text = json_in_html({HOSTILE_NAME: ["<!--", "&lt;"]})
    assert not set("<>&") & set(text)
    assert json.loads(text) == {HOSTILE_NAME: ["<!--", "&lt;"]}


def test_the_warehouse_is_never_touched(published: Home, tmp_path: Path) -> None:
    readers = Home(tmp_path)
    readers.published.symlink_to(published.published.resolve())
    export(readers, tmp_path / "site", {}, now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["published", "site"]


def test_a_new_publication_is_seen_by_the_next_request(published: Home, tmp_path: Path) -> None:
    home = _copy(published, tmp_path, "000001-copy")
    with served(home, clock=lambda: NOW) as url:
        assert "Publication 000001-copy" in get(url).text
        _copy(published, tmp_path, "000002-copy")
        assert "Publication 000002-copy" in get(url).text


def test_a_publication_of_an_older_version_is_told(published: Home, tmp_path: Path) -> None:
    import duckdb

    home = _copy(published, tmp_path, "000001-copy")
    with duckdb.connect(str(home.published / "clickstream.duckdb")) as connection:
        connection.execute("drop table marts.daily_bots")
    with served(home, clock=lambda: NOW) as url:
        status, page = refused(url)
    assert status == 503
    assert "made by another version of the project" in page.text


def _copy(published: Home, root: Path, identity: str) -> Home:
    """A home of its own with a copy of the publication under another id, switched to."""
    home = Home(root)
    folder = home.publications / identity
    folder.mkdir(parents=True)
    shutil.copyfile(published.published / "clickstream.duckdb", folder / "clickstream.duckdb")
    manifest = json.loads((published.published / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "publication": identity}))
    link = root / ".link"
    link.symlink_to(folder)
    link.replace(home.published)
    return home


def test_before_the_first_publication_the_page_says_so(home: Home, tmp_path: Path) -> None:
    with served(home) as url:
        page = get(url)
    assert "Nothing has been published yet" in page.text
    assert "clickstream run" in page.text
    with pytest.raises(UserError, match="Nothing has been published yet"):
        export(home, tmp_path / "site", {})


def test_stale_and_late_are_said_on_top(published: Home) -> None:
    published_at = datetime.fromisoformat(
        json.loads((published.published / "manifest.json").read_text())["published_at"]
    )
    with served(published, clock=lambda: published_at + timedelta(hours=35)) as url:
        assert "Stale" not in get(url).text
    with served(published, clock=lambda: published_at + timedelta(hours=37)) as url:
        assert "Stale: last published 37 hours ago" in get(url).text
    with served(published, clock=lambda: published_at + timedelta(hours=37), stale_hours=48) as url:
        assert "Stale" not in get(url).text
    day = last_complete_date(published)
    with served(published, clock=lambda: datetime(2026, 2, 7, tzinfo=UTC)) as url:
        assert f"complete to {day}: {(date(2026, 2, 7) - day).days} days ago" in get(url).text


def test_a_day_that_may_still_change_says_so(published: Home, address: str) -> None:
    last = query(published.warehouse, "select max(traffic_date) from marts.daily_traffic")[0][0]
    assert last > last_complete_date(published)
    assert f"{last} is not complete yet" in get(address, to=str(last)).text
    assert "is not complete yet" not in get(address).text


def test_answers_forbid_foreign_scripts_and_foreign_names(address: str) -> None:
    with urllib.request.urlopen(address) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1]
    request = urllib.request.Request(address, headers={"Host": "shop.example"})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    assert raised.value.code == 400
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{address}/etc/{quote('../passwd')}")
    assert raised.value.code == 404


def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UserError, match=r"Port \d+ is taken") as raised:
            listen("127.0.0.1", other.getsockname()[1])
    assert "--port" in raised.value.fix


def test_reader_opens_a_publication_once(published: Home) -> None:
    reader = Reader(published)
    assert reader.current() is reader.current()
