"""What a reader asks for: a period, a category, a channel; checked against what is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from clickstream.errors import UserError

DEFAULT_DAYS = 28
"""Four whole weeks: every weekday counts alike."""

WEEK = timedelta(days=7)
NAMES = ("from", "to", "category", "channel")


@dataclass(frozen=True)
class Bounds:
    """What may be asked for.

    `complete_date` is the last date whose events have all come, as far as the watermarks tell; when none
    is complete yet it is the last date, and `is_complete` is false.
    """

    first_date: date
    last_date: date
    complete_date: date
    is_complete: bool
    currencies: tuple[str, ...]
    counts_bots: bool
    channels: tuple[str, ...]
    categories: Mapping[str, str]


@dataclass(frozen=True)
class Filters:
    """What is asked for; `category` and `channel` are None for all."""

    from_date: date
    to_date: date
    category: str | None = None
    channel: str | None = None

    @property
    def day_count(self) -> int:
        """Days of the period."""
        return (self.to_date - self.from_date).days + 1

    @property
    def before_from_date(self) -> date:
        """First day of the period of the same length just before."""
        return self.from_date - timedelta(days=self.day_count)

    @property
    def week_from_date(self) -> date:
        """First of the seven days that end the period."""
        return self.to_date - WEEK + timedelta(days=1)

    @property
    def week_before_date(self) -> date:
        """First of the seven days before those."""
        return self.week_from_date - WEEK

    def as_text(self) -> dict[str, str]:
        """As query parameters; only what is set."""
        given = {
            "from": self.from_date.isoformat(),
            "to": self.to_date.isoformat(),
            "category": self.category,
            "channel": self.channel,
        }
        return {name: value for name, value in given.items() if value}


def make_bounds(row: Mapping[str, Any], channels: Sequence[str], categories: Mapping[str, str]) -> Bounds:
    """Bounds from the row of the query `bounds`."""
    first, last, complete = row["first_date"], row["last_date"], row["complete_date"]
    is_complete = complete is not None and complete >= first
    return Bounds(
        first_date=first,
        last_date=last,
        complete_date=min(last, complete) if is_complete else last,
        is_complete=is_complete,
        currencies=tuple(row["currencies"] or ()),
        counts_bots=row["counts_bots"],
        channels=tuple(channels),
        categories=categories,
    )


def read_filters(given: Mapping[str, str], bounds: Bounds) -> Filters:
    """Filters from query parameters or options: `from`, `to` (ISO dates), `category` (id), `channel`.

    An empty value is none; without dates, the last 28 days that are complete.

    Raises:
        UserError: a value that is no date, lies outside of what is published, or is unknown.
    """
    values = {name: given.get(name, "").strip() for name in NAMES}
    to_date = _date("to", values["to"], bounds) or bounds.complete_date
    from_date = _date("from", values["from"], bounds)
    if from_date is None:
        from_date = max(bounds.first_date, to_date - timedelta(days=DEFAULT_DAYS - 1))
    if from_date > to_date:
        raise UserError(
            f"The period begins on {from_date}, after it ends on {to_date}.",
            where="from, to",
            fix="Exchange the dates.",
        )
    channel, category = values["channel"] or None, values["category"] or None
    if channel is not None and channel not in bounds.channels:
        raise _unknown("channel", channel, ", ".join(bounds.channels) or "none yet")
    if category is not None and category not in bounds.categories:
        raise _unknown(
            "category", category, "ids of categories with products, as the list of the page has them"
        )
    return Filters(from_date, to_date, category, channel)


def _date(name: str, text: str, bounds: Bounds) -> date | None:
    if not text:
        return None
    try:
        value = date.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"“{text[:40]}” is no date.", where=name, fix="Write it as 2026-01-31 (year-month-day)."
        ) from None
    if not bounds.first_date <= value <= bounds.last_date:
        raise UserError(
            f"Nothing is published for {value}.",
            where=name,
            fix=f"Choose a date from {bounds.first_date} to {bounds.last_date}.",
        )
    return value


def _unknown(name: str, value: str, known: str) -> UserError:
    return UserError(f"There is no {name} “{value[:80]}”.", where=name, fix=f"Choose one of: {known}.")
