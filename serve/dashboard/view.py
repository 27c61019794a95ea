"""From rows to what the page says: changes, shares, notices. No data is read; the clock is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clickstream.wording import duration
from serve.dashboard import charts
from serve.dashboard.content import Content, dates_of
from serve.dashboard.filters import WEEK
from serve.dashboard.publication import Row

STALE_HOURS = 36
"""A publication older than this is called stale: a daily run may be half a day late."""

LATE_DAYS = 2
"""When the last complete date is older than this many days, the page says so."""


@dataclass(frozen=True)
class Figure:
    """A number with the one it is compared with. `kind`: count, money or ratio. None: not known."""

    id: str
    label: str
    kind: str
    value: float | None
    before: float | None

    @property
    def change(self) -> float | None:
        """Relative change; of a ratio the difference (0.01 is one percentage point)."""
        if self.value is None or self.before is None:
            return None
        if self.kind == "ratio":
            return self.value - self.before
        return self.value / self.before - 1 if self.before else None


@dataclass(frozen=True)
class Notice:
    """Something that stands on top of the page. `level`: warn or info."""

    level: str
    text: str


def ratio(part: float | None, whole: float | None) -> float | None:
    """part / whole; None when there is nothing to divide by."""
    return part / whole if whole and part is not None else None


def is_stale(content: Content, now: datetime, stale_hours: float = STALE_HOURS) -> bool:
    """Whether the last publication is older than so many hours."""
    return now - datetime.fromisoformat(content.published_at) > timedelta(hours=stale_hours)


def notices(content: Content, now: datetime, stale_hours: float = STALE_HOURS) -> list[Notice]:
    """What a reader must know before the figures: stale, late, incomplete, failing."""
    bounds, filters = content.bounds, content.filters
    found = []
    if is_stale(content, now, stale_hours):
        age = now - datetime.fromisoformat(content.published_at)
        found.append(
            Notice(
                "warn",
                f"Stale: last published {duration(age.total_seconds())} ago. Either nothing new has come "
                "since, or the pipeline has stopped: clickstream status tells.",
            )
        )
    behind = (now.date() - bounds.complete_date).days
    if behind > LATE_DAYS:
        found.append(
            Notice("warn", f"The published data is complete to {bounds.complete_date}: {behind} days ago.")
        )
    if filters.to_date > bounds.complete_date or not bounds.is_complete:
        found.append(
            Notice("info", f"{filters.to_date} is not complete yet: events of that day may still come.")
        )
    if any(row["unaccounted_count"] for row in content.rows["accounting"]):
        found.append(Notice("warn", "Lines are not accounted for: see data health below."))
    if len(bounds.currencies) > 1:
        found.append(
            Notice("info", f"Revenue adds up amounts in {', '.join(bounds.currencies)} without conversion.")
        )
    return found


def day_figures(content: Content) -> list[Figure]:
    """The last day of the period against the same day a week before."""
    to_date = content.filters.to_date
    day, before = content.days.get(to_date), content.days.get(to_date - WEEK)
    return _figures("day", day, before, (day or {}).get("visitor_count"), (before or {}).get("visitor_count"))


def period_figures(content: Content) -> list[Figure]:
    """The period against the one of equal length before; None where that began before the data did."""
    filters, visitors = content.filters, content.rows["visitors"][0]
    now = _sum(content.days, dates_of(filters.from_date, filters.to_date))
    before, before_visitors = None, None
    if filters.before_from_date >= content.bounds.first_date:
        before = _sum(content.days, dates_of(filters.before_from_date, filters.from_date - timedelta(days=1)))
        before_visitors = visitors["before_count"]
    return _figures("period", now, before, visitors["visitor_count"], before_visitors)


def _figures(
    prefix: str,
    now: Mapping[str, Any] | None,
    before: Mapping[str, Any] | None,
    visitors: float | None,
    visitors_before: float | None,
) -> list[Figure]:
    def value(row: Mapping[str, Any] | None, name: str) -> float | None:
        return None if row is None else row[name]

    def conversion(row: Mapping[str, Any] | None) -> float | None:
        return None if row is None else ratio(row["purchase_session_count"], row["session_count"])

    return [
        Figure(
            f"{prefix}-views", "Page views", "count", value(now, "view_count"), value(before, "view_count")
        ),
        Figure(
            f"{prefix}-sessions",
            "Sessions",
            "count",
            value(now, "session_count"),
            value(before, "session_count"),
        ),
        Figure(f"{prefix}-visitors", "Visitors", "count", visitors, visitors_before),
        Figure(f"{prefix}-conversion", "Conversion", "ratio", conversion(now), conversion(before)),
        Figure(
            f"{prefix}-revenue",
            "Revenue",
            "money",
            value(now, "revenue_amount"),
            value(before, "revenue_amount"),
        ),
    ]


def _sum(days: Mapping[date, Row], wanted: Iterable[date]) -> dict[str, Any]:
    names = ("view_count", "session_count", "purchase_session_count", "order_count", "revenue_amount")
    rows = [days[day] for day in wanted if day in days]
    return {name: sum(row[name] for row in rows) for name in names}


def product_figures(content: Content) -> list[Figure]:
    """Products of the chosen category on the last day of the period, against a week before."""
    to_date = content.filters.to_date
    day, before = content.product_days.get(to_date), content.product_days.get(to_date - WEEK)
    columns = (
        ("views", "Product views", "count", "view_count"),
        ("carts", "Added to cart", "count", "cart_count"),
        ("units", "Units sold", "count", "unit_count"),
        ("revenue", "Product revenue", "money", "revenue_amount"),
    )
    return [
        Figure(f"products-{id_}", label, kind, day[name] if day else None, before[name] if before else None)
        for id_, label, kind, name in columns
    ]


def trend_rows(content: Content, name: str) -> list[Row]:
    """A value per day of the period, with that of the day one period earlier. A day without a row is a 0."""
    filters, first = content.filters, content.bounds.first_date
    shift = timedelta(days=filters.day_count)

    def value(day: date) -> float | None:
        if day < first:
            return None
        row = content.days.get(day)
        return row[name] if row else 0

    return [
        {"date": day, "value": value(day), "before": value(day - shift)}
        for day in dates_of(filters.from_date, filters.to_date)
    ]


TRENDS = (
    ("views", "Page views", "view_count"),
    ("sessions", "Sessions", "session_count"),
    ("visitors", "Visitors", "visitor_count"),
    ("revenue", "Revenue", "revenue_amount"),
)


def funnels(content: Content) -> dict[str, list[Row]]:
    """Steps by funnel; each row with its share of the first step and of the step before."""
    grouped: dict[str, list[Row]] = {}
    for row in content.rows["funnels"]:
        steps = grouped.setdefault(row["funnel_id"], [])
        count = row["session_count"]
        first = steps[0]["session_count"] if steps else count
        before = steps[-1]["session_count"] if steps else count
        steps.append({**row, "of_first": ratio(count, first), "of_before": ratio(count, before)})
    return grouped


def retention(content: Content) -> list[Row]:
    """A row per cohort: `cohort_week`, `cohort_count`, and `ratios` by number of the week."""
    cohorts: dict[date, Row] = {}
    for row in content.rows["retention"]:
        cohort = cohorts.setdefault(
            row["cohort_week"],
            {"cohort_week": row["cohort_week"], "cohort_count": row["cohort_count"], "cells": []},
        )
        cohort["cells"].append({**row, "ratio": ratio(row["visitor_count"], row["cohort_count"])})
    return list(cohorts.values())


def bot_rows(content: Content) -> list[Row]:
    """Share of page views by bots per day."""
    return [
        {**row, "bot_ratio": ratio(row["bot_view_count"], row["view_count"] + row["bot_view_count"])}
        for row in content.rows["bot_days"]
    ]


def bot_ratio(content: Content) -> float | None:
    """Share of page views by bots in the period."""
    bots = sum(row["bot_view_count"] for row in content.rows["bot_days"])
    return ratio(bots, bots + sum(row["view_count"] for row in content.rows["bot_days"]))


def chart_specs(content: Content) -> dict[str, dict[str, Any]]:
    """Vega-Lite specifications, by id of the element they are drawn in."""
    with charts.quickly():
        drawn = {
            f"trend-{id_}": charts.trend(trend_rows(content, name), title=label)
            for id_, label, name in TRENDS
        }
        drawn["channel-days"] = charts.channel_days(content.rows["channel_days"], content.bounds.channels)
        for number, (funnel_id, steps) in enumerate(funnels(content).items()):
            drawn[f"funnel-{number}"] = charts.funnel(steps, title=funnel_id)
        drawn["bot-share"] = charts.bot_share(bot_rows(content))
        return {id_: chart.to_dict(validate=False) for id_, chart in drawn.items()}
