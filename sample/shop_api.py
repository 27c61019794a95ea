"""The shop's order API: a real HTTP server on 127.0.0.1 that can be told to fail.

`GET /orders?updated_since=…&cursor=…&limit=…` with `Authorization: Bearer <token>` answers
`{"data": [order, …], "next_cursor": "…" | null}`, sorted by (updated_at, order_id). Orders are given as they
stand in orders.jsonl, digit for digit.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from clickstream.errors import UserError

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000


@dataclass(frozen=True)
class Faults:
    """What the server does wrong. Requests are counted from 1; 0 means never.

    Attributes:
        too_many_requests_every: every n-th request gets 429.
        retry_after_seconds: the Retry-After header of those, in whole seconds.
        error_every: every n-th request gets 500.
        cut_every: the connection of every n-th request ends in the middle of the answer.
        invalid_json_every: every n-th answer is no JSON.
        delay_seconds: every answer waits this long.
        always_error: every request gets 500.
        forbidden: every request gets 403.
        cursor_loop: the next cursor of every full page is that of the first page.
    """

    too_many_requests_every: int = 0
    retry_after_seconds: int = 1
    error_every: int = 0
    cut_every: int = 0
    invalid_json_every: int = 0
    delay_seconds: float = 0.0
    always_error: bool = False
    forbidden: bool = False
    cursor_loop: bool = False


class LoggedRequest(NamedTuple):
    """A request and the status it got; `path` with its query string."""

    path: str
    status: int


class _Order(NamedTuple):
    updated_at: str
    order_id: str
    text: str


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class ShopApi:
    """A running server.

    Attributes:
        url: its address without a path, such as http://127.0.0.1:8700.
        requests: every request so far, oldest first.
    """

    url: str
    requests: list[LoggedRequest] = field(default_factory=list)

    def count(self, status: int) -> int:
        """How many requests got this status."""
        return sum(request.status == status for request in self.requests)


def _read_orders(path: Path) -> list[_Order]:
    orders = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    order = json.loads(line)
                    orders.append(_Order(str(order["updated_at"]), str(order["order_id"]), line.rstrip("\n")))
                except (ValueError, TypeError, KeyError) as error:
                    raise UserError(
                        "This line is no order.",
                        where=f"{path}, line {number}: {error}",
                        fix="Give the api/orders.jsonl of a sample (`clickstream sample`).",
                    ) from error
    except OSError as error:
        raise UserError(
            "The orders cannot be read.",
            where=f"{path}: {error.strerror}",
            fix="Make a sample first with `clickstream sample`.",
        ) from error
    return sorted(orders, key=lambda order: order[:2])


def _cursor(order: _Order) -> str:
    return base64.urlsafe_b64encode(json.dumps([order.updated_at, order.order_id]).encode()).decode()


def _after_cursor(orders: list[_Order], cursor: str) -> int:
    try:
        updated_at, order_id = json.loads(base64.urlsafe_b64decode(cursor))
        return bisect.bisect_right(orders, (str(updated_at), str(order_id)), key=lambda order: order[:2])
    except (ValueError, TypeError, binascii.Error) as error:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "unknown cursor") from error


def _page(orders: list[_Order], query: dict[str, list[str]], faults: Faults) -> str:
    """One page of orders as JSON text. `updated_since` includes the moment it names."""
    try:
        limit = int(query.get("limit", [str(DEFAULT_LIMIT)])[0])
    except ValueError as error:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "limit is no number") from error
    if not 1 <= limit <= MAX_LIMIT:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, f"limit must be from 1 to {MAX_LIMIT}")
    first = 0
    if "updated_since" in query:
        since = query["updated_since"][0]
        first = bisect.bisect_left(orders, since, key=lambda order: order.updated_at)
    start = max(first, _after_cursor(orders, query["cursor"][0])) if "cursor" in query else first
    chosen = orders[start : start + limit]
    following = None
    if start + limit < len(orders):
        following = _cursor(orders[first + limit - 1] if faults.cursor_loop else chosen[-1])
    return f'{{"data":[{",".join(order.text for order in chosen)}],"next_cursor":{json.dumps(following)}}}'


def _server(
    orders: list[_Order], token: str, port: int, faults: Faults
) -> tuple[ThreadingHTTPServer, ShopApi]:
    lock = threading.Lock()
    log: list[LoggedRequest] = []
    counted = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            """Requests are kept in memory, not printed."""

        def _send(
            self, status: HTTPStatus, body: str, *, cut: bool = False, retry_after: int | None = None
        ) -> None:
            content = body.encode()
            with lock:
                log.append(LoggedRequest(self.path, status.value))
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            if retry_after is not None:
                self.send_header("Retry-After", str(retry_after))
            if status == HTTPStatus.UNAUTHORIZED:
                self.send_header("WWW-Authenticate", "Bearer")
            self.end_headers()
            if cut:
                content = content[: len(content) // 2]
                self.close_connection = True
            self.wfile.write(content)

        def _refuse(self, status: HTTPStatus, message: str, *, retry_after: int | None = None) -> None:
            self._send(status, json.dumps({"error": message}), retry_after=retry_after)

        def do_GET(self) -> None:
            nonlocal counted
            with lock:
                counted += 1
                number = counted

            def due(every: int) -> bool:
                return every > 0 and number % every == 0

            if faults.delay_seconds:
                time.sleep(faults.delay_seconds)
            parts = urlsplit(self.path)
            given = self.headers.get("Authorization", "")
            if parts.path != "/orders":
                self._refuse(HTTPStatus.NOT_FOUND, "there is only /orders")
            elif not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                self._refuse(HTTPStatus.UNAUTHORIZED, "a bearer token is needed")
            elif faults.forbidden:
                self._refuse(HTTPStatus.FORBIDDEN, "this token may not read orders")
            elif faults.always_error or due(faults.error_every):
                self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "something broke")
            elif due(faults.too_many_requests_every):
                self._refuse(
                    HTTPStatus.TOO_MANY_REQUESTS, "slow down", retry_after=faults.retry_after_seconds
                )
            else:
                try:
                    body = _page(orders, parse_qs(parts.query), faults)
                except _RefusedError as refused:
                    self._refuse(refused.status, refused.message)
                    return
                if due(faults.invalid_json_every):
                    body = body[: len(body) // 2]
                self._send(HTTPStatus.OK, body, cut=due(faults.cut_every))

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        raise UserError(
            "The order API cannot listen on this port.",
            where=f"127.0.0.1:{port}: {error}",
            fix="Choose another port, or 0 for any free one.",
        ) from error
    server.daemon_threads = True
    return server, ShopApi(url=f"http://127.0.0.1:{server.server_address[1]}", requests=log)


@contextmanager
def serve_orders(path: Path, *, token: str, port: int = 0, faults: Faults | None = None) -> Iterator[ShopApi]:
    """Serve an orders.jsonl on 127.0.0.1 in a thread until the block ends.

    Args:
        path: a file of order objects, one per line; read once, at the start.
        token: what a client must send as bearer token.
        port: 0 for any free one.
        faults: what to do wrong, by default nothing.

    Raises:
        UserError: the file is missing or holds something else, or the port is taken.
    """
    server, api = _server(_read_orders(path), token, port, faults or Faults())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
