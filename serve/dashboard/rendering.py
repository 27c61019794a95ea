"""HTML from content. Everything that comes from data is escaped; the page may run no script but its own."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import jinja2

from clickstream.errors import UserError
from clickstream.wording import duration
from serve.dashboard import view
from serve.dashboard.charts import day_text
from serve.dashboard.content import Content, dates_of
from serve.dashboard.filters import WEEK

PAGE = Path(__file__).parent / "page"
AI_CHANNEL = "AI Assistant"
UNKNOWN = "–"

BASE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'"
)
"""Nothing is loaded from anywhere, and nothing is sent. Vega compiles expressions, hence 'unsafe-eval'."""

SERVED_POLICY = f"{BASE_POLICY}; script-src 'self' 'unsafe-eval'; frame-ancestors 'none'"


def render_dashboard(
    content: Content, now: datetime, *, stale_hours: float = view.STALE_HOURS, is_export: bool = False
) -> str:
    """The whole page.

    Args:
        content: what it shows.
        now: UTC; the page says how old the publication is.
        stale_hours: a publication older than this is called stale.
        is_export: a file that stands alone (scripts inside, no form) instead of a served page.
    """
    filters = content.filters
    published_at = datetime.fromisoformat(content.published_at)
    policy, scripts = None, {}
    if is_export:
        scripts = {"vega_script": vega_script(), "page_script": page_script()}
        hashes = " ".join(f"'{_hash(script)}'" for script in scripts.values())
        policy = f"{BASE_POLICY}; script-src {hashes} 'unsafe-eval'"
    ai_rows = [row for row in content.rows["channels"] if row["channel_group"] == AI_CHANNEL]
    return _template("dashboard.html").render(
        content=content,
        policy=policy,
        style=_style(),
        is_export=is_export,
        now=f"{now:%Y-%m-%d %H:%M}",
        age=duration((now - published_at).total_seconds()),
        is_stale=view.is_stale(content, now, stale_hours),
        notices=view.notices(content, now, stale_hours),
        before_day=filters.to_date - WEEK,
        presets=_presets(content),
        category_name=content.bounds.categories[filters.category] if filters.category else None,
        currency=content.bounds.currencies[0] if len(content.bounds.currencies) == 1 else "",
        day_figures=view.day_figures(content),
        period_figures=view.period_figures(content),
        product_figures=view.product_figures(content),
        has_before=filters.before_from_date >= content.bounds.first_date,
        trends=view.TRENDS,
        days=dates_of(filters.from_date, filters.to_date),
        funnels=view.funnels(content),
        retention=view.retention(content),
        device_sessions=sum(row["session_count"] for row in content.rows["devices"]),
        bot_ratio=view.bot_ratio(content),
        ai_sessions=None if filters.channel else sum(row["session_count"] for row in ai_rows),
        specs=json_in_html(view.chart_specs(content)),
        **scripts,
    )


def render_message(title: str, lines: Sequence[str], *, commands: str = "", back: str | None = None) -> str:
    """A page that says one thing: nothing published yet, or a value that cannot be."""
    return _template("message.html").render(
        title=title, lines=lines, commands=commands, back=back, policy=None, style=_style()
    )


def render_empty() -> str:
    """The page before the first publication."""
    return render_message(
        "Nothing has been published yet",
        ["This page fills itself when the pipeline has run; reload it then."],
        commands="clickstream run  # your own data\nmake run         # without data, a sample stands in",
    )


def render_mistake(error: UserError, *, back: str | None) -> str:
    """The page for a value that cannot be, or a publication that cannot be read."""
    where = [f"Where: {error.where}"] if error.where else []
    return render_message(error.what, [*where, error.fix], back=back)


@cache
def vega_script() -> str:
    """Vega, Vega-Lite and vega-embed as one script, from the package vl-convert: no network."""
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    if "</script" in script or "<!--" in script:
        raise RuntimeError("The bundle of vl-convert cannot stand inside a page.")
    return script


@cache
def page_script() -> str:
    """The script that draws the charts."""
    return (PAGE / "page.js").read_text(encoding="utf-8")


@cache
def _style() -> str:
    return (PAGE / "style.css").read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def json_in_html(value: object) -> str:
    """JSON that holds no character with which a tag, a comment or a script could begin or end."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _presets(content: Content) -> list[tuple[str, str]]:
    """Links to usual periods that end where the shown one ends."""
    filters = content.filters
    links = []
    for name, days in (("7 days", 7), ("28 days", 28), ("90 days", 90), ("1 year", 365)):
        first = max(content.bounds.first_date, filters.to_date - timedelta(days=days - 1))
        links.append((name, "/?" + urlencode({**filters.as_text(), "from": first.isoformat()})))
    return links


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {
        "count": _count,
        "day": day_text,
        "moment": _moment,
        "money": _money,
        "moved": _moved,
        "percent": _percent,
        "short_day": lambda day: f"{day.day} {day:%b}",
        "shown": _shown,
    }
    return environment.get_template(name)


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _money(value: float | None, currency: str = "") -> str:
    return UNKNOWN if value is None else f"{value:,.0f} {currency}".rstrip()


def _percent(value: float | None, digits: int = 1) -> str:
    return UNKNOWN if value is None else f"{100 * value:.{digits}f} %"


def _moved(value: float, kind: str) -> str:
    """A change: in per cent, of a ratio in percentage points."""
    return f"{100 * value:.1f} pp" if kind == "ratio" else f"{100 * value:.0f} %"


def _shown(value: float | None, kind: str, currency: str) -> str:
    if kind == "ratio":
        return _percent(value)
    return _money(value, currency) if kind == "money" else _count(value)


def _moment(value: datetime | date | str | None) -> str:
    if value is None:
        return "never"
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return f"{value:%Y-%m-%d %H:%M}"
