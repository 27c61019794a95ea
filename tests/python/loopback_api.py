"""An API on loopback that answers as a test says: pages of orders, or what an API should not answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from test_ingest_support import manifest

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Api:
    """A server on loopback: `answer` makes the reply to each request (its number, path, query, headers)."""

    answer: Callable[[int, str, dict[str, str], Any], Reply]
    url: str = ""
    seen: list[str] = field(default_factory=list)
    drip_seconds: float = 0.0


@contextmanager
def serving(answer: Callable[[int, str, dict[str, str], Any], Reply]) -> Iterator[Api]:
    api = Api(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            values = {name: value[0] for name, value in parse_qs(parts.query).items()}
            api.seen.append(self.path)
            status, headers, body = api.answer(len(api.seen), parts.path, values, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not api.drip_seconds:
                self.wfile.write(body)
                return
            with suppress(OSError):  # the client has had enough
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(api.drip_seconds)

        def log_message(self, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


def orders(url: str, **endpoint: Any) -> dict[str, Any]:
    return manifest(
        web__logs={
            "kind": "rest_api",
            "client": {
                "base_url": url,
                "auth": {"type": "bearer"},
                "paginator": {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"},
            },
            "resource": {
                "endpoint": {
                    "path": "orders",
                    "data_selector": "data",
                    "incremental": {
                        "cursor_path": "at",
                        "start_param": "since",
                        "initial_value": "2026-01-01",
                    },
                    **endpoint,
                }
            },
        }
    )


RECORDS = [
    b'{"id":1,  "at":"2026-01-01","n":1.10,"big":12345678901234567890123.4567890}',
    b'{"id": 2,"at":"2026-01-02","u":"\\ud800 \xc3\xa9","a":[1,{"b":null}],"a":2}',
    b'{"at":"2026-01-03","id":3e0}',
    b'{\n "id":4, "at":"2026-01-03"}',
    b'{"id":5,"at":"2026-01-05","deep":[[[[{}]]]]}',
]


def pages(records: list[bytes], size: int = 2) -> Callable[[int, str, dict[str, str], Any], Reply]:
    def answer(number: int, path: str, values: dict[str, str], headers: Any) -> Reply:
        if headers["Authorization"] != "Bearer secret-token":
            return 401, {}, b'{"error": "no token"}'
        since = values.get("since", "")
        chosen = [record for record in records if json.loads(record)["at"] >= since]
        start = int(values.get("cursor", 0))
        following = start + size if start + size < len(chosen) else None
        body = b'{"data": [' + b" ,".join(chosen[start : start + size]) + b"], "
        return 200, {}, body + b'"next": ' + json.dumps(following and str(following)).encode() + b"}"

    return answer
