"""The figures of the dashboard equal SQL on the layers below; filters, hostile texts, stale and empty."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from published_support import (
    HOSTILE_NAME,
    HOSTILE_PATH,
    HOSTILE_SOURCE,
    HOSTILE_VIEWS,
    Page,
    number,
    query,
    served,
)

from clickstream.errors import UserError
from clickstream.settings import Home
from serve.dashboard.publication import Reader
from serve.dashboard.rendering import json_in_html
from serve.dashboard.server import export, listen

NOW = datetime(2026, 1, 28, 6, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def address(published: Home) -> Iterator[str]:
    """The dashboard of the publication, served."""
    with served(published, clock=lambda: NOW) as url:
        yield url


def get(url: str, **filters: str) -> Page:
    """A page of the dashboard."""
    with urllib.request.urlopen(f"{url}/?{urlencode(filters)}") as answer:
        return Page(answer.read().decode())


def refused(url: str, **filters: str) -> tuple[int, Page]:
    """Status and page of an answer that is an error."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        get(url, **filters)
    return raised.value.code, Page(raised.value.read().decode())


def last_complete_date(home: Home) -> date:
    """The day before the one in which the watermark lies."""
    found: date = query(
        home.warehouse,
        "select cast(min(complete_until_at) as date) - interval 1 day from operations.watermarks",
    )[0][0]
    return found.date() if isinstance(found, datetime) else found


def test_the_day_and_the_week_before_equal_the_events_and_orders(published: Home, address: str) -> None:
    day = last_complete_date(published)
    page = get(address)
    assert f"{day:%a} {day.day} {day:%b %Y}" in page.text
    for shown, date_ in ((page, day), (get(address, to=str(day - WEEK)), day - WEEK)):
        views = query(
            published.warehouse,
            """select count(*) from normalized.events as e
            where action = 'page_view' and event_date = ? and not exists (
                select 1 from normalized.bot_session_days as b
                where b.session_id = e.session_id and b.event_date = e.event_date)""",
            date_,
        )[0][0]
        sessions, visitors, buying = query(
            published.warehouse,
            """select count(*), count(distinct visitor_id), sum(cast(purchase_count > 0 as int))
            from marts.sessions where session_date = ? and not is_bot""",
            date_,
        )[0]
        revenue = query(
            published.warehouse,
            """select coalesce(sum(quantity * unit_price_amount), 0)
            from normalized.order_items where order_date = ?""",
            date_,
        )[0][0]
        assert sessions > 5
        assert shown.values["day-views"] == views
        assert shown.values["day-sessions"] == sessions
        assert shown.values["day-visitors"] == visitors
        assert shown.values["day-conversion"] == pytest.approx(buying / sessions)
        assert shown.values["day-revenue"] == pytest.approx(float(revenue))
    # The week before lies outside of a short period, and is told all the same.
    short = get(address, **{"from": str(day - timedelta(days=1))})
    assert f"{views:,} a week before" in short.text
    assert f"{sessions:,} a week before" in short.text


def test_the_period_equals_the_sessions_and_visitors_of_its_days(published: Home, address: str) -> None:
    day = last_complete_date(published)
    first = day - timedelta(days=8)
    page = get(address, **{"from": str(first), "to": str(day)})
    sessions, visitors = query(
        published.warehouse,
        """select count(*), count(distinct visitor_id)
        from marts.sessions where session_date between ? and ? and not is_bot""",
        first,
        day,
    )[0]
    assert page.values["period-sessions"] == sessions
    assert page.values["period-visitors"] == visitors
    assert len(page.tables["days"]) == 9
    assert sum(number(value) for value in page.column("days", 2)) == sessions
    points = page.points("trend-sessions")
    assert [point["value"] for point in points] == [number(value) for value in page.column("days", 2)]


def test_products_equal_the_page_views_of_the_week_and_the_week_before(published: Home, address: str) -> None:
    day = last_complete_date(published)
    page = get(address)
    rows = query(
        published.warehouse,
        """select product_id, sum(view_count) filter (view_date > ?) as now,
            coalesce(sum(view_count) filter (view_date <= ?), 0)
        from marts.daily_product_page_views where view_date > ? and view_date <= ?
        group by product_id having now > 0 order by now desc, product_id limit 12""",
        day - WEEK,
        day - WEEK,
        day - 2 * WEEK,
        day,
    )
    assert len(rows) == 12
    ids = [int(page.lines(row[0])[-1].split(" ")[0]) for row in page.tables["products"]]
    assert ids == [row[0] for row in rows]
    assert [number(value) for value in page.column("products", 1)] == [row[1] for row in rows]
    for (_, now, before), shown in zip(rows, page.column("products", 2), strict=True):
        change = round(100 * (now / before - 1)) if before else None
        expected = "new" if change is None else f"{abs(change)} %" if now != before else "unchanged"
        assert shown.endswith(expected)
        assert ("▲" in shown) == (before > 0 and now > before)


def test_channels_devices_funnels_retention_and_bots_equal_the_sessions(
    published: Home, address: str
) -> None:
    day = last_complete_date(published)
    first = day - WEEK
    page = get(address, **{"from": str(first), "to": str(day)})

    def of_sessions(column: str) -> list[tuple[str, int]]:
        return query(
            published.warehouse,
            f"""select {column}, count(*) from marts.sessions
            where not is_bot and session_date between ? and ? group by all order by 2 desc, 1""",
            first,
            day,
        )

    for table, column in (("channels", "channel_group"), ("devices", "device_type")):
        shown = zip(page.column(table, 0), map(number, page.column(table, 1)), strict=True)
        assert list(shown) == of_sessions(column)
    steps = query(
        published.warehouse,
        """select count(distinct session_id)
        from normalized.events join marts.sessions using (session_id)
        where action = 'page_view' and page_path like '/product/%'
            and not is_bot and session_date between ? and ?""",
        first,
        day,
    )
    assert page.points("funnel-0")[0]["session_count"] == steps[0][0]
    bots, people = query(
        published.warehouse,
        """select sum(bot_view_count), sum(view_count) from marts.hourly_page_views
        where view_date between ? and ?""",
        first,
        day,
    )[0]
    assert bots > 0
    assert page.values["bot-ratio"] == pytest.approx(float(bots / (bots + people)))
    assert sum(number(value) for value in page.column("bots", 3)) == bots


def test_retention_equals_the_weeks_of_the_visitors_own_sessions(published: Home, address: str) -> None:
    page = get(address)
    day = last_complete_date(published)
    expected = query(
        published.warehouse,
        """with weeks as (
            select distinct visitor_id, date_trunc('week', session_date) as week
            from marts.sessions where not is_bot
        ), firsts as (select visitor_id, min(week) as first_week from weeks group by 1)
        select first_week::date::varchar, count(distinct visitor_id),
            count(*) filter (week = first_week + interval 7 day)
        from weeks join firsts using (visitor_id)
        where first_week + interval 13 day <= ? group by 1 order by 1""",
        day,
    )
    assert len(expected) == 2
    assert [row[:2] for row in page.tables["retention"]] == [[row[0], f"{row[1]:,}"] for row in expected]
    assert page.column("retention", 2) == [f"{100 * row[2] / row[1]:.0f} %" for row in expected]


def test_data_health_shows_where_every_line_went_and_the_warnings(published: Home, address: str) -> None:
    page = get(address)
    lines = sum(
        row[0]
        for row in query(
            published.warehouse,
            "select sum(line_count) from ingest.arrivals where source_name = 'clickstream'",
        )
    )
    (shown,) = page.tables["accounting"]
    assert number(shown[1]) == lines
    assert sum(number(page.lines(cell)[0]) for cell in shown[2:6]) == lines
    assert page.lines(shown[6]) == ["0"]
    (views,) = page.tables["page-view-accounting"]
    assert number(views[0]) == sum(number(cell) for cell in views[1:5])
    warned = query(
        published.warehouse,
        "select count(*) from operations.data_quality_results where status = 'warn'",
    )[0][0]
    assert page.text.count("is below warn") == warned
    assert "Publication 000001" in page.text


def test_every_chart_fits_the_schema_of_vega_lite(address: str) -> None:
    import altair as alt
    from jsonschema import ValidationError

    charts = get(address).charts
    assert len(charts) == 8
    for spec in charts.values():
        alt.Chart.from_dict(spec).to_dict(validate=True)
    with pytest.raises(ValidationError):
        alt.Chart.from_dict({**charts["bot-share"], "mark": "bars"}).to_dict(validate=True)


def test_a_channel_and_a_category_filter_what_they_can(published: Home, address: str) -> None:
    day = last_complete_date(published)
    page = get(address, channel="Email", category="1")
    sessions, views = query(
        published.warehouse,
        """select count(*), sum(page_view_count) from marts.sessions
        where channel_group = 'Email' and session_date = ? and not is_bot""",
        day,
    )[0]
    assert (page.values["day-sessions"], page.values["day-views"]) == (sessions, views)
    assert page.column("channels", 0) == ["Email"]
    product_views = query(
        published.warehouse,
        """with recursive below as (
            select category_id from normalized.categories where category_id = '1'
            union all
            select c.category_id
            from normalized.categories c join below b on c.parent_category_id = b.category_id
        )
        select sum(v.view_count) from marts.daily_product_page_views v
        join normalized.products p using (product_id)
        where view_date = ? and p.category_id in (select category_id from below)""",
        day,
    )[0][0]
    assert product_views > 0
    assert page.values["products-views"] == product_views
    assert page.values["products-views"] < (get(address).values["products-views"] or 0)
    shown = sum(number(views) for views in page.column("products", 1))
    below = query(
        published.warehouse,
        """select sum(view_count) from (
            select sum(v.view_count) as view_count
            from marts.daily_product_page_views v join marts.products p using (product_id)
            where view_date > ? and view_date <= ? and p.category_path || ' > ' like 'Living > %'
            group by product_id order by 1 desc limit 12)""",
        day - WEEK,
        day,
    )[0][0]
    assert shown == below
    assert "all categories" in page.text


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"from": "yesterday"}, "“yesterday” is no date"),
        ({"from": "2026-01-20", "to": "2026-01-19"}, "after it ends"),
        ({"to": "2031-01-01"}, "Choose a date from 2026-01-05 to"),
        ({"channel": "x' or 1=1 --"}, "There is no channel “x' or 1=1 --”"),
        ({"category": "<script>window.hurt=1</script>"}, "There is no category “<script>"),
    ],
)
def test_a_wrong_filter_is_told_not_run(address: str, filters: dict[str, str], told: str) -> None:
    status, page = refused(address, **filters)
    assert status == 400
    assert told in page.text
    assert "script" not in page.tags


def test_an_empty_filter_is_none(address: str) -> None:
    empty = {"from": "", "to": "", "category": "", "channel": ""}
    assert get(address, **empty).values == get(address).values


def test_hostile_names_paths_and_sources_are_shown_as_text(address: str) -> None:
    page = get(address)
    assert page.column("products", 0)[0] == HOSTILE_NAME
    assert page.column("pages", 0)[0] == HOSTILE_PATH
    assert number(page.column("pages", 1)[0]) == HOSTILE_VIEWS
    assert HOSTILE_SOURCE in page.column("sources", 0)
    assert page.tags.count("script") == 3
    assert not {"img", "svg"} & set(page.tags)


def test_no_text_of_a_chart_can_end_its_script() -> None:
    text = json_in_html({HOSTILE_NAME: ["<!--", "&lt;"]})
    assert not set("<>&") & set(text)
    assert json.loads(text) == {HOSTILE_NAME: ["<!--", "&lt;"]}


def test_the_warehouse_is_never_touched(published: Home, tmp_path: Path) -> None:
    readers = Home(tmp_path)
    readers.published.symlink_to(published.published.resolve())
    export(readers, tmp_path / "site", {}, now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["published", "site"]


def test_a_new_publication_is_seen_by_the_next_request(published: Home, tmp_path: Path) -> None:
    home = _copy(published, tmp_path, "000001-copy")
    with served(home, clock=lambda: NOW) as url:
        assert "Publication 000001-copy" in get(url).text
        _copy(published, tmp_path, "000002-copy")
        assert "Publication 000002-copy" in get(url).text


def test_a_publication_of_an_older_version_is_told(published: Home, tmp_path: Path) -> None:
    import duckdb

    home = _copy(published, tmp_path, "000001-copy")
    with duckdb.connect(str(home.published / "clickstream.duckdb")) as connection:
        connection.execute("drop table marts.daily_bots")
    with served(home, clock=lambda: NOW) as url:
        status, page = refused(url)
    assert status == 503
    assert "made by another version of the project" in page.text


def _copy(published: Home, root: Path, identity: str) -> Home:
    """A home of its own with a copy of the publication under another id, switched to."""
    home = Home(root)
    folder = home.publications / identity
    folder.mkdir(parents=True)
    shutil.copyfile(published.published / "clickstream.duckdb", folder / "clickstream.duckdb")
    manifest = json.loads((published.published / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "publication": identity}))
    link = root / ".link"
    link.symlink_to(folder)
    link.replace(home.published)
    return home


def test_before_the_first_publication_the_page_says_so(home: Home, tmp_path: Path) -> None:
    with served(home) as url:
        page = get(url)
    assert "Nothing has been published yet" in page.text
    assert "clickstream run" in page.text
    with pytest.raises(UserError, match="Nothing has been published yet"):
        export(home, tmp_path / "site", {})


def test_stale_and_late_are_said_on_top(published: Home) -> None:
    published_at = datetime.fromisoformat(
        json.loads((published.published / "manifest.json").read_text())["published_at"]
    )
    with served(published, clock=lambda: published_at + timedelta(hours=35)) as url:
        assert "Stale" not in get(url).text
    with served(published, clock=lambda: published_at + timedelta(hours=37)) as url:
        assert "Stale: last published 37 hours ago" in get(url).text
    with served(published, clock=lambda: published_at + timedelta(hours=37), stale_hours=48) as url:
        assert "Stale" not in get(url).text
    day = last_complete_date(published)
    with served(published, clock=lambda: datetime(2026, 2, 7, tzinfo=UTC)) as url:
        assert f"complete to {day}: {(date(2026, 2, 7) - day).days} days ago" in get(url).text


def test_a_day_that_may_still_change_says_so(published: Home, address: str) -> None:
    last = query(published.warehouse, "select max(traffic_date) from marts.daily_traffic")[0][0]
    assert last > last_complete_date(published)
    assert f"{last} is not complete yet" in get(address, to=str(last)).text
    assert "is not complete yet" not in get(address).text


def test_answers_forbid_foreign_scripts_and_foreign_names(address: str) -> None:
    with urllib.request.urlopen(address) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1]
    request = urllib.request.Request(address, headers={"Host": "shop.example"})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    assert raised.value.code == 400
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{address}/etc/{quote('../passwd')}")
    assert raised.value.code == 404


def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UserError, match=r"Port \d+ is taken") as raised:
            listen("127.0.0.1", other.getsockname()[1])
    assert "--port" in raised.value.fix


def test_reader_opens_a_publication_once(published: Home) -> None:
    reader = Reader(published)
    assert reader.current() is reader.current()
