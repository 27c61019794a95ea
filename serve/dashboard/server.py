"""`clickstream dashboard`: serve the page, or write it to a file."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from clickstream.console import messages, output
from clickstream.errors import UserError
from clickstream.settings import Home
from serve.dashboard import view
from serve.dashboard.content import read_bounds, read_content
from serve.dashboard.filters import read_filters
from serve.dashboard.publication import Reader
from serve.dashboard.rendering import render_dashboard

EXPORT_NAME = "index.html"


def export(
    home: Home,
    folder: Path,
    given: Mapping[str, str],
    *,
    stale_hours: float = view.STALE_HOURS,
    now: datetime | None = None,
) -> Path:
    """Write the page as one HTML file that needs no network and no server.

    Args:
        home: whose publication is shown.
        folder: where `index.html` is written; made when missing, other files in it stay.
        given: filters, as query parameters name them.
        stale_hours: a publication older than this is called stale.
        now: the time (UTC) for which the age of the publication is told.

    Returns:
        The file.

    Raises:
        UserError: nothing is published, a filter is wrong, or the folder cannot be written.
    """
    publication = Reader(home).current()
    bounds = read_bounds(publication) if publication else None
    if publication is None or bounds is None:
        raise UserError(
            "Nothing has been published yet.", where=str(home.published), fix="Run `clickstream run` first."
        )
    content = read_content(publication, read_filters(given, bounds), bounds)
    page = render_dashboard(content, now or datetime.now(UTC), stale_hours=stale_hours, is_export=True)
    file = folder / EXPORT_NAME
    draft = folder / f".{EXPORT_NAME}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(page, encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True) if folder.is_dir() else None
        raise UserError(
            "The page could not be written.",
            where=f"{file}: {error.strerror or error}",
            fix="Name a folder that you may write.",
        ) from error
    return file


def serve(
    home: Home, *, host: str, port: int, given: Mapping[str, str], stale_hours: float = view.STALE_HOURS
) -> None:
    """Serve the page until interrupted.

    Raises:
        UserError: the address cannot be listened on.
    """
    import uvicorn

    from serve.dashboard.app import LOOPBACK_HOSTS, make_app

    listening = listen(host, port)
    is_private = is_loopback(host)
    app = make_app(home, stale_hours=stale_hours, allowed_hosts=LOOPBACK_HOSTS if is_private else ["*"])
    output().print(f"Dashboard: {url_of(host, listening.getsockname()[1], given)}  (Ctrl-C ends it)")
    if not is_private:
        messages().print(
            "Everybody who can reach this machine can read it: there is no password.", style="yellow"
        )
    if not home.published.exists():
        messages().print("Nothing has been published yet: the page says so until `clickstream run` has run.")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    server = uvicorn.Server(config)
    with listening:
        server.run(sockets=[listening])
    if server.should_exit:  # By Ctrl-C: uvicorn raises it again, but was seen to end without.
        raise KeyboardInterrupt


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free.

    Raises:
        UserError: the port is taken, or the host is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(address)
            made.listen(128)
        except OSError:
            made.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            what, fix = f"Port {port} is taken.", "Choose another with --port, or end what listens there."
        else:
            what, fix = "The address cannot be listened on.", "Give one of this machine's with --host."
        raise UserError(what, where=f"{host}:{port}: {error.strerror or error}", fix=fix) from error
    return made


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def url_of(host: str, port: int, given: Mapping[str, str]) -> str:
    """The address to open, with the filters that were asked for."""
    from urllib.parse import urlencode

    shown = f"[{host}]" if ":" in host else host
    query = urlencode({name: value for name, value in given.items() if value})
    return f"http://{shown}:{port}/" + (f"?{query}" if query else "")
