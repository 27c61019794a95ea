"""The figures of the dashboard equal SQL written anew on the layers below."""

from __future__ import annotations

from datetime import timedelta

import pytest
from published_support import get, last_complete_date, number, query

from clickstream.settings import Home

WEEK = timedelta(days=7)


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
