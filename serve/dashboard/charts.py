"""Charts of the dashboard and the notebook: rows in, Altair chart out. No data is read here, no page made.

Dates are texts (2026-01-31) on a UTC scale: a reader west of Greenwich sees the same day. Colours hold on
light and dark paper; those of axes and texts are set where the chart is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

ACCENT = "#3b82f6"
BEFORE = "#94a3b8"
BOTS = "#f59e0b"
CHANNEL_COLORS = (
    "#3b82f6", "#10b981", "#f59e0b", "#8b5cf6", "#ef4444", "#06b6d4", "#ec4899",
    "#84cc16", "#f97316", "#6366f1", "#14b8a6", "#a16207", "#64748b",
)  # fmt: skip

Rows = Sequence[Mapping[str, Any]]


def quickly() -> AbstractContextManager[None]:
    """Leaves out Altair's checks of the rows one by one: a year of days takes 0.1 s instead of 1.2."""
    manager: AbstractContextManager[None] = debug_mode(False)
    return manager


def day_text(day: date) -> str:
    """A date for people, with its weekday."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def trend(rows: Rows, *, title: str, value_format: str = ",.0f") -> alt.TopLevelMixin:
    """A line per day, with the period before as a dashed one.

    Args:
        rows: `date`, `value`, and `before` (the value so many days earlier; null when unknown).
        title: what is measured.
        value_format: d3 format of the values.
    """
    base = alt.Chart(_data(rows)).encode(
        x=_day_axis(),
        tooltip=[
            alt.Tooltip("day:N", title="date"),
            alt.Tooltip("value:Q", title=title.lower(), format=value_format),
            alt.Tooltip("before:Q", title="period before", format=value_format),
        ],
    )
    axis = alt.Axis(title=None, tickCount=3, format="~s", domain=False, ticks=False)
    area = base.mark_area(color=ACCENT, opacity=0.12).encode(y=alt.Y("value:Q", axis=axis))
    line = base.mark_line(color=ACCENT, strokeWidth=2, point={"size": 18, "color": ACCENT}).encode(
        y="value:Q"
    )
    layers = [area, line]
    if any(row["before"] is not None for row in rows):
        before = base.mark_line(color=BEFORE, strokeDash=[4, 3], strokeWidth=1.5).encode(y="before:Q")
        layers.insert(1, before)
    return alt.layer(*layers).properties(
        width="container", height=130, description=f"{title} per day, with the period before."
    )


def channel_days(rows: Rows, channels: Sequence[str]) -> alt.TopLevelMixin:
    """Sessions per day, stacked by channel.

    Args:
        rows: `date`, `channel_group`, `session_count`.
        channels: all channels, in the order of the stack: a channel keeps its colour under any filter.
    """
    colors = [CHANNEL_COLORS[number % len(CHANNEL_COLORS)] for number in range(len(channels))]
    chart: alt.Chart = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=_day_axis(band=True),
            y=alt.Y("session_count:Q", axis=alt.Axis(title=None, tickCount=4, domain=False, ticks=False)),
            color=alt.Color(
                "channel_group:N",
                scale=alt.Scale(domain=list(channels), range=colors),
                legend=alt.Legend(title=None, orient="bottom", columns=3, symbolType="circle"),
            ),
            tooltip=[
                alt.Tooltip("day:N", title="date"),
                alt.Tooltip("channel_group:N", title="channel"),
                alt.Tooltip("session_count:Q", title="sessions", format=","),
            ],
        )
        .properties(width="container", height=220, description="Sessions per day and channel.")
    )
    return chart


def funnel(rows: Rows, *, title: str) -> alt.TopLevelMixin:
    """Bars of a funnel's steps, each with its share of the first.

    Args:
        rows: `step_number`, `step_name`, `session_count`.
        title: name of the funnel.
    """
    first = max((row["session_count"] for row in rows), default=0)
    values = [
        {
            **row,
            "share": f"{row['session_count']:,}"
            + (f" · {row['session_count'] / first:.0%}" if number else ""),
            "step": f"{row['step_number']}. {row['step_name']}",
        }
        for number, row in enumerate(rows)
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("step:N", sort=None, axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=130)),
        x=alt.X("session_count:Q", axis=None, scale=alt.Scale(domain=[0, max(first, 1) * 1.6])),
        tooltip=[
            alt.Tooltip("step_name:N", title="step"),
            alt.Tooltip("session_count:Q", title="sessions", format=","),
        ],
    )
    bars = base.mark_bar(color=ACCENT, cornerRadiusEnd=3, height={"band": 0.7})
    labels = base.mark_text(align="left", dx=6).encode(text="share:N")
    return alt.layer(bars, labels).properties(
        width="container",
        height=34 * max(len(values), 1),
        description=f"Steps of the funnel {title}: sessions that reached each.",
    )


def bot_share(rows: Rows) -> alt.TopLevelMixin:
    """Share of page views that bots made, per day.

    Args:
        rows: `date`, `bot_ratio` (0-1).
    """
    chart: alt.Chart = (
        alt.Chart(_data(rows))
        .mark_bar(color=BOTS)
        .encode(
            x=_day_axis(band=True),
            y=alt.Y(
                "bot_ratio:Q",
                axis=alt.Axis(title=None, format=".0%", tickCount=3, domain=False, ticks=False),
            ),
            tooltip=[
                alt.Tooltip("day:N", title="date"),
                alt.Tooltip("bot_ratio:Q", title="bots' share of views", format=".1%"),
            ],
        )
        .properties(width="container", height=130, description="Share of page views by bots, per day.")
    )
    return chart


def _data(rows: Rows) -> alt.InlineData:
    """Inline data; each row with a `date` gets `day`, the same for people."""
    values = [
        {**row, "date": row["date"].isoformat(), "day": day_text(row["date"])} if "date" in row else dict(row)
        for row in rows
    ]
    return alt.InlineData(values=values)


def _day_axis(*, band: bool = False) -> alt.X:
    axis = alt.Axis(title=None, format="%-d %b", grid=False, labelFlush=True, tickCount=4)
    if band:
        return alt.X("utcyearmonthdate(date):T", axis=axis)
    return alt.X("date:T", scale=alt.Scale(type="utc"), axis=axis)
