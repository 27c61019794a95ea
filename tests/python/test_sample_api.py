"""The order API gives every order, digit for digit, and fails when told to."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from clickstream.errors import UserError
from sample.shop_api import Faults, ShopApi, serve_orders

TOKEN = "the-token"


def order(number: int, updated_at: str, extra: str = "") -> str:
    return f'{{"order_id":"{number}","updated_at":"{updated_at}","total":19.90{extra}}}'


ORDERS = [
    order(5, "2026-01-07T00:00:00Z"),
    order(3, "2026-01-05T10:00:00Z", ',"payment_reference":12345678901234567890123'),
    order(1, "2026-01-05T10:00:00Z"),
    order(1, "2026-01-06T09:00:00Z"),
    order(2, "2026-01-05T10:00:00Z"),
]
SORTED = [ORDERS[2], ORDERS[4], ORDERS[1], ORDERS[3], ORDERS[0]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "orders.jsonl"
    file.write_text("".join(line + "\n" for line in ORDERS), encoding="utf-8")
    return file


@pytest.fixture
def api(path: Path) -> Iterator[ShopApi]:
    with serve_orders(path, token=TOKEN) as running:
        yield running


def get(api: ShopApi, *, token: str | None = TOKEN, path: str = "/orders", **query: object) -> str:
    url = f"{api.url}{path}?{urlencode(query)}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        body: bytes = answer.read()
        return body.decode()


def status(api: ShopApi, **arguments: Any) -> int:
    try:
        get(api, **arguments)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def pages(api: ShopApi, limit: int, **query: Any) -> list[list[Any]]:
    found: list[list[Any]] = []
    while True:
        answer = json.loads(get(api, limit=limit, **query))
        found.append([(row["order_id"], row["updated_at"]) for row in answer["data"]])
        if answer["next_cursor"] is None:
            return found
        query["cursor"] = answer["next_cursor"]
        assert len(found) < 10


def test_orders_come_sorted_and_digit_for_digit(api: ShopApi) -> None:
    assert get(api) == '{"data":[' + ",".join(SORTED) + '],"next_cursor":null}'


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_of_any_size_hold_every_order_once(api: ShopApi, limit: int) -> None:
    found = pages(api, limit)
    expected = [(row["order_id"], row["updated_at"]) for row in map(json.loads, SORTED)]
    assert [row for page in found for row in page] == expected
    assert len(found) == -(-5 // limit)


def test_updated_since_includes_its_moment(api: ShopApi) -> None:
    since = "2026-01-06T09:00:00Z"
    assert pages(api, 1, updated_since=since) == [[("1", since)], [("5", "2026-01-07T00:00:00Z")]]
    assert pages(api, 10, updated_since="2027-01-01T00:00:00Z") == [[]]


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x"])
def test_without_the_token_there_is_nothing(api: ShopApi, token: str | None) -> None:
    assert status(api, token=token) == 401


def test_other_paths_do_not_exist(api: ShopApi) -> None:
    assert status(api, path="/customers") == 404


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": "many"}, {"limit": 1001}, {"cursor": "nonsense"}])
def test_bad_queries_are_refused(api: ShopApi, query: dict[str, Any]) -> None:
    assert status(api, **query) == 400


def test_requests_are_logged(api: ShopApi) -> None:
    status(api, limit=2)
    status(api, token="wrong")
    assert [(request.path, request.status) for request in api.requests] == [
        ("/orders?limit=2", 200),
        ("/orders?", 401),
    ]
    assert api.count(401) == 1


def test_every_nth_request_is_too_many(path: Path) -> None:
    with serve_orders(
        path, token=TOKEN, faults=Faults(too_many_requests_every=2, retry_after_seconds=3)
    ) as api:
        assert status(api) == 200
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(api)
        assert refused.value.code == 429
        assert refused.value.headers["Retry-After"] == "3"
        assert status(api) == 200


def test_every_nth_request_fails(path: Path) -> None:
    with serve_orders(path, token=TOKEN, faults=Faults(error_every=3)) as api:
        assert [status(api) for _ in range(6)] == [200, 200, 500, 200, 200, 500]


@pytest.mark.parametrize(
    ("faults", "code"), [(Faults(always_error=True), 500), (Faults(forbidden=True), 403)]
)
def test_lasting_faults_last(path: Path, faults: Faults, code: int) -> None:
    with serve_orders(path, token=TOKEN, faults=faults) as api:
        assert [status(api) for _ in range(3)] == [code] * 3


def test_a_cut_connection_is_noticed_by_the_client(path: Path) -> None:
    faults = Faults(cut_every=1)
    with serve_orders(path, token=TOKEN, faults=faults) as api, pytest.raises(http.client.IncompleteRead):
        get(api)


def test_invalid_json_is_sent_whole(path: Path) -> None:
    with serve_orders(path, token=TOKEN, faults=Faults(invalid_json_every=1)) as api:
        body = get(api)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_a_cursor_loop_never_ends(path: Path) -> None:
    with serve_orders(path, token=TOKEN, faults=Faults(cursor_loop=True)) as api:
        first = json.loads(get(api, limit=1))["next_cursor"]
        assert json.loads(get(api, limit=1, cursor=first))["next_cursor"] == first


def test_slow_answers_are_slow(path: Path) -> None:
    with serve_orders(path, token=TOKEN, faults=Faults(delay_seconds=0.2)) as api:
        began = time.monotonic()
        get(api)
        assert time.monotonic() - began >= 0.2


def test_the_server_stops_with_its_block(path: Path) -> None:
    with serve_orders(path, token=TOKEN) as api:
        port = int(api.url.rsplit(":", 1)[1])
    with pytest.raises(urllib.error.URLError):
        get(api)
    with serve_orders(path, token=TOKEN, port=port) as again:
        assert status(again) == 200


def test_a_taken_port_is_told(api: ShopApi, path: Path) -> None:
    port = int(api.url.rsplit(":", 1)[1])
    with pytest.raises(UserError, match="cannot listen"), serve_orders(path, token=TOKEN, port=port):
        pass


@pytest.mark.parametrize("line", ["{", "[]", '{"order_id":"1"}'])
def test_a_line_that_is_no_order_is_named(path: Path, line: str) -> None:
    path.write_text(f"{ORDERS[0]}\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError) as told, serve_orders(path, token=TOKEN):
        pass
    assert "line 2" in told.value.where


def test_missing_orders_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"), serve_orders(tmp_path / "none.jsonl", token=TOKEN):
        pass
