"""`make run` without data: a sample and its shop stand in, and only then."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

import pytest

from clickstream import demo
from clickstream.settings import Home


@pytest.fixture
def orders(home: Home) -> Path:
    path = demo.inbox(home) / "api" / "orders.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text('{"order_id": "1", "updated_at": "2026-01-05T00:00:00Z"}\n')
    return path


def fetch() -> str:
    request = urllib.request.Request(
        f"{os.environ[demo.API_URL_VARIABLE]}/orders",
        headers={"Authorization": f"Bearer {os.environ['CLICKSTREAM_SHOP_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        content: str = answer.read().decode()
    return content


def test_an_empty_home_wants_a_sample(home: Home) -> None:
    assert demo.wants_sample(home)
    demo.inbox(home).mkdir(parents=True)
    assert demo.wants_sample(home)


def test_files_in_the_inbox_are_enough(home: Home) -> None:
    (demo.inbox(home) / "events").mkdir(parents=True)
    assert not demo.wants_sample(home)


def test_configured_data_is_enough(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKSTREAM_EVENTS", "/var/log/events/*.jsonl")
    assert not demo.wants_sample(home)


def test_the_sample_lands_in_the_inbox(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "EVENTS", 5_000)
    monkeypatch.setattr(demo, "DAYS", 1)
    demo.make_sample(home)
    assert (demo.inbox(home) / "api" / "orders.jsonl").is_file()
    assert not demo.wants_sample(home)


def test_the_shop_answers_while_the_pipeline_runs(home: Home, orders: Path) -> None:
    with demo.shop_api(home):
        assert '"order_id": "1"' in fetch()
    assert demo.API_URL_VARIABLE not in os.environ
    assert "CLICKSTREAM_SHOP_TOKEN" not in os.environ


def test_a_taken_port_does_not_matter(home: Home, orders: Path) -> None:
    with demo.shop_api(home):
        first = os.environ.pop(demo.API_URL_VARIABLE)
        with demo.shop_api(home):
            assert os.environ[demo.API_URL_VARIABLE] != first
            assert '"order_id": "1"' in fetch()
        os.environ[demo.API_URL_VARIABLE] = first


def test_a_configured_shop_is_not_replaced(home: Home, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(demo.API_URL_VARIABLE, "https://shop.example")
    with demo.shop_api(home):
        assert os.environ[demo.API_URL_VARIABLE] == "https://shop.example"


def test_without_a_sample_there_is_no_shop(home: Home) -> None:
    with demo.shop_api(home):
        assert demo.API_URL_VARIABLE not in os.environ
