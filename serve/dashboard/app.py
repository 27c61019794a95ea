"""The dashboard as a web application: one page, two scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from clickstream.errors import UserError
from clickstream.settings import Home
from serve.dashboard import rendering, view
from serve.dashboard.content import Contents
from serve.dashboard.filters import read_filters
from serve.dashboard.publication import Reader

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
HEADERS = {
    "Content-Security-Policy": rendering.SERVED_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

Clock = Callable[[], datetime]


def make_app(
    home: Home,
    *,
    stale_hours: float = view.STALE_HOURS,
    allowed_hosts: Sequence[str] = LOOPBACK_HOSTS,
    clock: Clock = lambda: datetime.now(UTC),
) -> Starlette:
    """The application.

    Args:
        home: whose `published` it shows; each request looks anew where that points.
        stale_hours: a publication older than this is called stale.
        allowed_hosts: names under which a browser may ask. On loopback only its own: else a web page from
            elsewhere could read the figures through a name that it makes point here. `*` allows all.
        clock: the time, in UTC.
    """
    reader, contents = Reader(home), Contents()

    def dashboard(request: Request) -> Response:
        try:
            publication = reader.current()
            bounds = contents.bounds(publication) if publication else None
        except UserError as error:
            return HTMLResponse(rendering.render_mistake(error, back=None), status_code=503)
        if publication is None or bounds is None:
            return HTMLResponse(rendering.render_empty())
        try:
            filters = read_filters(dict(request.query_params), bounds)
        except UserError as error:
            return HTMLResponse(rendering.render_mistake(error, back="/"), status_code=400)
        try:
            content = contents.read(publication, filters, bounds)
        except UserError as error:
            return HTMLResponse(rendering.render_mistake(error, back=None), status_code=503)
        return HTMLResponse(rendering.render_dashboard(content, clock(), stale_hours=stale_hours))

    def script(text: Callable[[], str]) -> Callable[[Request], Response]:
        def answer(_request: Request) -> Response:
            return Response(text(), media_type="text/javascript", headers={"Cache-Control": "max-age=3600"})

        return answer

    async def not_found(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse("There is only one page: /", status_code=404)

    return Starlette(
        routes=[
            Route("/", dashboard),
            Route("/static/vega.js", script(rendering.vega_script)),
            Route("/static/page.js", script(rendering.page_script)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts), www_redirect=False),
            Middleware(GZipMiddleware, minimum_size=1000),
            Middleware(_Headers),
        ],
        exception_handlers={404: not_found},
    )


class _Headers:
    """Sets `HEADERS` on every answer."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        async def send_with_headers(message) -> None:  # type: ignore[no-untyped-def]
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)
