"""What the page shows, as plain rows: every query once per publication and choice of filters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any

from serve.dashboard.filters import WEEK, Bounds, Filters, make_bounds
from serve.dashboard.publication import Publication, Row

TOP_COUNT = 12
COHORT_COUNT = 10
CACHED_CONTENTS = 64

PERIOD_QUERIES = (
    "visitors",
    "top_products",
    "top_pages",
    "channels",
    "channel_days",
    "top_sources",
    "funnels",
    "retention",
    "devices",
    "bot_days",
    "bots",
)
HEALTH_QUERIES = (
    "accounting",
    "page_view_accounting",
    "late_events",
    "watermarks",
    "loads",
    "failed_tests",
)


@dataclass(frozen=True)
class Content:
    """The rows behind one page.

    `days` and `product_days`: date → row, from before the period (to compare) to its end. `rows`: by the name
    of the query.
    """

    publication_id: str
    published_at: str
    build: Mapping[str, Any]
    versions: Mapping[str, Any]
    bounds: Bounds
    filters: Filters
    days: Mapping[date, Row]
    product_days: Mapping[date, Row]
    rows: Mapping[str, list[Row]]


def read_bounds(publication: Publication) -> Bounds | None:
    """What may be asked of a publication; None when it holds no day yet."""
    row = publication.rows("bounds")[0]
    if row["first_date"] is None:
        return None
    channels = [known["channel_group"] for known in publication.rows("known_channels")]
    categories = {
        known["category_id"]: known["category_path"] for known in publication.rows("known_categories")
    }
    return make_bounds(row, channels, categories)


def parameters(filters: Filters, bounds: Bounds, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the queries' parameters; a query takes those it names."""
    return {
        "from_date": filters.from_date,
        "to_date": filters.to_date,
        "before_from_date": filters.before_from_date,
        "week_from_date": filters.week_from_date,
        "week_before_date": filters.week_before_date,
        "complete_date": min(filters.to_date, bounds.complete_date),
        "category": filters.category,
        "channel": filters.channel,
        "counts_bots": bounds.counts_bots,
        "top_count": TOP_COUNT,
        "cohort_count": COHORT_COUNT,
        "build_id": manifest["build"]["invocation_id"],
    }


def read_content(publication: Publication, filters: Filters, bounds: Bounds) -> Content:
    """Run the queries."""
    values = parameters(filters, bounds, publication.manifest)
    # The days to compare with lie before the period: the one of equal length, and a week before its end.
    wide = {**values, "from_date": min(filters.before_from_date, filters.to_date - WEEK)}
    return Content(
        publication_id=publication.id,
        published_at=publication.manifest["published_at"],
        build=publication.manifest["build"],
        versions=publication.manifest["versions"],
        bounds=bounds,
        filters=filters,
        days=_by_date(publication.rows("daily", wide)),
        product_days=_by_date(publication.rows("products_daily", wide)),
        rows={name: publication.rows(name, values) for name in (*PERIOD_QUERIES, *HEALTH_QUERIES)},
    )


def _by_date(rows: list[Row]) -> dict[date, Row]:
    return {row["date"]: row for row in rows}


def dates_of(first: date, last: date) -> list[date]:
    """All dates from first to last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


class Contents:
    """Bounds and contents of the current publication, computed once; those of an older one are dropped."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._id: str | None = None
        self._bounds: Bounds | None = None
        self._held: OrderedDict[Filters, Content] = OrderedDict()

    def bounds(self, publication: Publication) -> Bounds | None:
        """What may be asked of the publication; None when it holds no day yet."""
        with self._lock:
            if self._id != publication.id:
                self._bounds = read_bounds(publication)
                self._id = publication.id
                self._held.clear()
            return self._bounds

    def read(self, publication: Publication, filters: Filters, bounds: Bounds) -> Content:
        """The content; of those held the one not used for longest goes first."""
        with self._lock:
            if self._id == publication.id and filters in self._held:
                self._held.move_to_end(filters)
                return self._held[filters]
        content = read_content(publication, filters, bounds)
        with self._lock:
            if self._id == publication.id:
                self._held[filters] = content
                if len(self._held) > CACHED_CONTENTS:
                    self._held.popitem(last=False)
        return content
