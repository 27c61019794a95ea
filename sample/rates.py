"""Every rate of the sample in one place: how many events, sessions and orders have which trait.

Event and session rates are exact in each whole block of 1,000 events or 100 sessions, so that even the
smallest sample holds at least one of everything.
"""

from __future__ import annotations

MIN_EVENTS = 1_000
"""One whole block of events."""

MIN_EVENTS_PER_DAY = 300
"""Below this, an hour that is meant to be a .gz or .zst file may hold no line at all."""

MAX_EVENTS = 1_000_000_000
MAX_DAYS = 730
MAX_SEED = 2**31 - 1

PRODUCT_COUNT = 5_000
FIRST_PRODUCT_ID = 100
FIRST_USER_ID = 10_000
FIRST_ORDER_ID = 500_000
EVENTS_PER_USER = 25

EVENT_BLOCK = 1_000
EVENT_TRAITS = {
    # Human events only; with the anonymous sessions below this makes 5 % of the human events.
    "missing_user_id": 10,
    # The line stands twice, byte for byte.
    "duplicate_same_file": 5,
    "duplicate_later_file": 5,
    # The event id comes again, later, with something else in it.
    "conflict_timestamp": 1,
    "conflict_payload": 1,
    # The line arrives 1–6 hours after the event, or in a nightly delivery two or three dates later.
    "late_hours": 15,
    "late_days": 3,
    # Lines that cannot be used. Each has exactly this one defect.
    "malformed_json": 2,
    "truncated_line": 1,
    "invalid_utf8": 1,
    "invalid_timestamp": 1,
    "missing_page": 1,
    "missing_event_id": 1,
    # An additional line with nothing, or only spaces, on it.
    "blank_line": 1,
}
"""Events of 1,000 that have the trait; an event has one at most."""

SESSION_BLOCK = 100
SESSION_TRAITS = {
    # How far down the funnel a human session goes; the others only browse.
    "purchase": 4,
    "checkout": 3,
    "cart": 9,
    # The first page is /product/99000017 or the like: a valid id that no catalogue has.
    "unknown_product": 1,
    # The first page is /product/abc or the like: no product id at all.
    "invalid_product": 1,
    # Starts within three minutes before midnight and goes on after it.
    "midnight": 1,
    # A crawler: about 4 % of the events, since its sessions are longer.
    "bot": 2,
}
"""Sessions of 100 that have the trait; a session has one at most."""

ANONYMOUS_SESSIONS = 4
"""Sessions of 100 in which nobody is logged in (independent of the traits above)."""

ORDER_BLOCK = 50
ORDER_TRAITS = {
    # Order numbers within 50, counted from 1, that get one more line.
    "negative_quantity": (1,),
    "unknown_product": (2,),
    "invalid_product": (4,),
    # Orders that come a second time with status "shipped"; every other one with one piece more on line 1.
    "updated": (3, 13, 23, 33, 43),
    "updated_quantity": (8, 18, 28, 38, 48),
}
"""Traits of orders, by order number within a block of 50."""

HOUR_WEIGHTS = (3, 2, 1, 1, 1, 2, 3, 5, 7, 9, 10, 10, 11, 10, 9, 9, 10, 11, 13, 15, 16, 14, 10, 6)
"""Sessions that start in each hour of the day (UTC), relative."""

GZIP_HOURS = frozenset({3, 11, 19})
ZSTD_HOURS = frozenset({6, 14, 22})
CRLF_HOURS = frozenset({13})
"""Log files of these hours are compressed, or end their lines with CRLF."""


def spread(traits: dict[str, int], block: int) -> list[str]:
    """The trait of each position in a block; "none" where there is none."""
    names = [name for name, count in traits.items() for _ in range(count)]
    return names + ["none"] * (block - len(names))
