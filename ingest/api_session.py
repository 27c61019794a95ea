"""The HTTP session of API sources: retries what passes, names what does not, keeps replies exact."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from dlt.common.jsonpath import find_values
from dlt.sources.helpers.rest_client.redaction import sanitize_url
from requests.hooks import dispatch_hook
from requests.models import PreparedRequest, Response

from clickstream.errors import UserError
from ingest.api_records import parse_reply

ATTEMPTS = 3
FIRST_WAIT_SECONDS = 1.0
"""Wait before the second attempt; doubled for each further one."""

LONGEST_WAIT_SECONDS = 300.0
"""A longer Retry-After is not waited for: the next run asks again."""

CONNECT_SECONDS, READ_SECONDS, REPLY_SECONDS = 10.0, 60.0, 300.0
"""Limits for the connection, for silence within a reply, and for a whole reply."""

READ_BYTES = 1 << 16
EXCERPT_CHARACTERS = 300

_TRANSIENT = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class ApiProblem(UserError):  # noqa: N818 (a condition of the API)
    """An API cannot be read now; nothing of the page that failed, nor after it, was loaded."""


class ApiSession(requests.Session):
    """A session that does its work in `send`, so that every request of dlt's client goes through it.

    Args:
        data_selector: JSON path of the records; a reply without it is an error, not an empty page.
    """

    def __init__(self, data_selector: str | None = None) -> None:
        super().__init__()
        self._data_selector = data_selector
        self._seen: set[tuple[str | None, str | None, str]] = set()

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send a request, up to three times; the reply is read to its end.

        Raises:
            ApiProblem: the request failed for good, or was sent before (a page cursor that loops).
        """
        if kwargs.get("allow_redirects") is False:  # a redirect within a request that is counted already
            return super().send(request, **kwargs)
        self._refuse_loop(request)
        hooks, request.hooks = request.hooks, {"response": []}
        reply = self._attempts(request, kwargs)
        try:
            result = dispatch_hook("response", hooks, reply, **kwargs)
        except requests.HTTPError as error:
            raise refused(reply) from error
        reply = result if isinstance(result, Response) else reply
        _make_exact(reply, self._data_selector)
        return reply

    def _refuse_loop(self, request: PreparedRequest) -> None:
        key = (request.method, request.url, repr(request.body))
        if key in self._seen:
            raise ApiProblem(
                "The API sent the same page address twice: its page cursor loops.",
                where=shown(request.url),
                fix="Check the paginator settings; nothing of this load was kept, the next run starts anew.",
            )
        self._seen.add(key)

    def _attempts(self, request: PreparedRequest, kwargs: dict[str, Any]) -> Response:
        settings = {**kwargs, "stream": True, "timeout": (CONNECT_SECONDS, READ_SECONDS)}
        for attempt in range(1, ATTEMPTS + 1):
            is_last = attempt == ATTEMPTS
            try:
                reply = super().send(request, **settings)
                _read(reply)
            except _TRANSIENT as error:
                if is_last:
                    raise _unreachable(request, error) from error
                time.sleep(_backoff(attempt))
                continue
            except requests.RequestException as error:
                raise ApiProblem(
                    f"The API cannot be asked ({type(error).__name__}: {str(error)[:200]}).",
                    where=shown(request.url),
                    fix="Check base_url and path in the source YAML.",
                ) from error
            reply.attempts = attempt  # type: ignore[attr-defined]  # ours
            if reply.status_code != 429 and reply.status_code < 500:
                return reply
            wait = _retry_after(reply)
            if is_last or (wait or 0) > LONGEST_WAIT_SECONDS:
                return reply
            time.sleep(_backoff(attempt) if wait is None else wait)
        raise AssertionError("unreachable")


def _backoff(attempt: int) -> float:
    return FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1)


def _retry_after(reply: Response) -> float | None:
    """Seconds that the server asks to wait (a number or a date); None if it asks for nothing readable."""
    text = reply.headers.get("Retry-After", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


def _read(reply: Response) -> None:
    """Read the body within a time limit (a slow drip never times out by itself)."""
    deadline = time.monotonic() + REPLY_SECONDS
    parts = []
    for part in reply.iter_content(READ_BYTES):
        parts.append(part)
        if time.monotonic() > deadline:
            reply.close()
            raise requests.Timeout(f"the reply was not complete after {REPLY_SECONDS:.0f} s")
    reply._content = b"".join(parts)


def _make_exact(reply: Response, data_selector: str | None) -> None:
    """Let `reply.json()` keep the text of each record, and miss the records where they are not."""
    url = bare(reply.url)

    def parsed(**_: Any) -> Any:
        if not hasattr(reply, "_exact"):
            try:
                reply._exact = parse_reply(reply.content, url)  # type: ignore[attr-defined]  # ours
            except (ValueError, RecursionError) as error:
                raise ApiProblem(
                    f"The reply is not valid JSON ({error}). It begins: {excerpt(reply)}",
                    where=shown(reply.url),
                    fix="Ask its provider. Nothing of this load was kept; the next run starts anew.",
                ) from error
            if data_selector and not find_values(data_selector, reply._exact):  # type: ignore[attr-defined]  # ours
                raise ApiProblem(
                    f"The reply holds no {data_selector}. It begins: {excerpt(reply)}",
                    where=shown(reply.url),
                    fix="Compare data_selector in the YAML with the reply. Nothing of this load was kept.",
                )
        return reply._exact  # type: ignore[attr-defined]  # ours

    reply.json = parsed  # type: ignore[method-assign]


def _unreachable(request: PreparedRequest, error: Exception) -> ApiProblem:
    return ApiProblem(
        f"The API does not answer after {ATTEMPTS} attempts ({type(error).__name__}: {str(error)[:200]}).",
        where=shown(request.url),
        fix="Check the address and the network; the next run asks again from where the last load ended.",
    )


def refused(reply: Response) -> ApiProblem:
    """The problem behind a reply with an error status."""
    fixes = {
        401: "Check the token or password that dlt reads from the environment or .dlt/secrets.toml.",
        403: "Ask for the right to read this address, or use another token.",
        404: "Check base_url and path in the source YAML.",
        429: "The API is asked too often; run again later.",
    }
    fix = "Ask the provider of the API." if reply.status_code < 500 else "The next run asks again."
    attempts = getattr(reply, "attempts", 1)
    told = f" after {attempts} attempts" if attempts > 1 else ""
    wait = _retry_after(reply)
    if wait:
        told += f" and asks to wait {wait:,.0f} s"
    return ApiProblem(
        f"The API answers {reply.status_code} {reply.reason or ''}{told}: {excerpt(reply)}",
        where=shown(reply.url),
        fix=fixes.get(reply.status_code, fix),
    )


def excerpt(reply: Response) -> str:
    """The beginning of a reply, on one line."""
    text = " ".join(reply.text[: 4 * EXCERPT_CHARACTERS].split())
    return text[:EXCERPT_CHARACTERS] or "(no text)"


def shown(url: str | None) -> str:
    """A URL for messages: secrets in it are masked."""
    parts = urlsplit(sanitize_url(url or ""))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def bare(url: str) -> str:
    """A URL without query, fragment and user: the name of an API resource in the ledger."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
