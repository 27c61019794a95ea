"""`make run` on a fresh checkout: a sample stands in for data that nobody has configured yet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from clickstream.console import messages
from clickstream.errors import UserError
from clickstream.settings import Home

EVENTS = 200_000
DAYS = 3
SEED = 1

API_PORT = 8700
"""Fixed, so that the second run has the same settings as the first and finds nothing new."""

API_URL_VARIABLE = "CLICKSTREAM_ORDERS_URL"


def inbox(home: Home) -> Path:
    """Where files are expected when no other place is configured."""
    return home.root / "data" / "inbox"


def wants_sample(home: Home) -> bool:
    """Whether there is nothing to load: no files and no setting that names some."""
    if os.environ.get("CLICKSTREAM_EVENTS"):
        return False
    folder = inbox(home)
    return not folder.is_dir() or all(path.name.startswith(".") for path in folder.iterdir())


def make_sample(home: Home) -> None:
    """Write the sample day-set into the inbox."""
    from sample.generate import generate

    messages().print(f"No data is configured: making a sample of {EVENTS:,} events over {DAYS} days.")
    generate(inbox(home), events=EVENTS, days=DAYS, seed=SEED)


@contextmanager
def shop_api(home: Home) -> Iterator[None]:
    """Serve the sample's orders on loopback, if the inbox holds a sample and no other shop is configured.

    The settings that name the server are in the environment until the block ends.
    """
    from sample.cli import BEARER_VARIABLE, SAMPLE_BEARER
    from sample.shop_api import serve_orders

    orders = inbox(home) / "api" / "orders.jsonl"
    if not orders.is_file() or os.environ.get(API_URL_VARIABLE):
        yield
        return
    with ExitStack() as stack:
        if BEARER_VARIABLE not in os.environ:
            os.environ[BEARER_VARIABLE] = SAMPLE_BEARER
            stack.callback(os.environ.pop, BEARER_VARIABLE)
        token = os.environ[BEARER_VARIABLE]
        try:
            api = stack.enter_context(serve_orders(orders, token=token, port=API_PORT))
        except UserError:  # The port is taken; any other will do, at the price of reading the project again.
            api = stack.enter_context(serve_orders(orders, token=token))
        os.environ[API_URL_VARIABLE] = api.url
        stack.callback(os.environ.pop, API_URL_VARIABLE)
        yield
