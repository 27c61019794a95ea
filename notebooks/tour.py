"""An analyst's tour of the published data: what is there, how to ask, and one question worked through.

Open it with `make notebook`; it is a Python file, run as a whole in CI. It reads `published/` only.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Tour of the published data", sql_output="polars")


@app.cell
def _():
    import altair as alt
    import duckdb
    import marimo as mo

    from clickstream.settings import current_home
    from serve.dashboard import charts

    # Resolved once: a publication that comes meanwhile changes nothing here until the notebook runs again.
    publication = current_home().published.resolve()
    published = duckdb.connect(str(publication / "clickstream.duckdb"), read_only=True)
    return alt, charts, mo, publication, published


@app.cell(hide_code=True)
def _(mo, publication):
    mo.md(f"""
    # Tour of the published data

    Publication `{publication.name}`. A publication never changes: what is computed here stays what it
    is, and the pipeline may run meanwhile. Every table and column carries its description.
    """)
    return


@app.cell
def _(mo, published):
    tables = mo.sql(
        """
        select schema_name, table_name, estimated_size as row_count, comment as description
        from duckdb_tables()
        order by schema_name, table_name
        """,
        engine=published,
    )
    return (tables,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A day in one row

    `marts.daily_traffic` has what most questions begin with. Bots are left out and counted beside. A date
    is left out here while the watermark of a source has not passed its end: it may still change.
    """)
    return


@app.cell
def _(mo, published):
    days = mo.sql(
        """
        select
            traffic_date,
            view_count,
            session_count,
            visitor_count,
            purchase_session_count / nullif(session_count, 0) as conversion_ratio,
            revenue_amount,
            bot_view_count / nullif(view_count + bot_view_count, 0) as bot_ratio
        from marts.daily_traffic
        where traffic_date < (select min(complete_until_at)::date from operations.watermarks)
        order by traffic_date
        """,
        engine=published,
    )
    return (days,)


@app.cell
def _(charts, days):
    # The charts are those of the dashboard: one tool, one look.
    views = charts.trend(
        [
            {"date": row["traffic_date"], "value": row["view_count"], "before": None}
            for row in days.iter_rows(named=True)
        ],
        title="Page views",
    ).properties(width=640)
    views
    return (views,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Looked at, not bought

    Products with many views and few carts are where a page, a price or a stock level may be wrong. The share
    is held against that of all products; fewer than ten views say nothing.
    """)
    return


@app.cell
def _(mo, published):
    overlooked = mo.sql(
        """
        with products as (
            select product_id, sum(view_count) as view_count, sum(cart_count) as cart_count
            from marts.product_daily_funnel
            group by product_id
        )

        select
            products.product_id,
            names.product_name,
            names.category_path,
            products.view_count,
            products.cart_count,
            products.cart_count / products.view_count as cart_ratio,
            sum(products.cart_count) over () / sum(products.view_count) over () as usual_ratio
        from products
        join marts.products as names using (product_id)
        where products.view_count >= 10
        order by products.view_count * (usual_ratio - cart_ratio) desc, products.product_id
        limit 10
        """,
        engine=published,
    )
    return (overlooked,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A question: does one channel sell better, or is it chance?

    Conversion differs between channels on every dashboard. With few purchases much of that is luck. The 95 %
    interval of each ratio (Wilson's, which holds for small numbers too) says how much: where intervals lie
    apart, channels differ; where they overlap, the data does not tell.
    """)
    return


@app.cell
def _(mo, published):
    conversion = mo.sql(
        """
        with channels as (
            select
                channel_group,
                count(*) as session_count,
                count(*) filter (has_purchase) as purchase_session_count
            from marts.sessions
            where not is_bot
            group by channel_group
        ),

        ratios as (
            select
                *,
                purchase_session_count / session_count as ratio,
                1.959964 as z,
                session_count as n
            from channels
        )

        select
            channel_group,
            session_count,
            purchase_session_count,
            ratio,
            (ratio + z * z / (2 * n) - z * sqrt(ratio * (1 - ratio) / n + z * z / (4 * n * n)))
                / (1 + z * z / n) as low_ratio,
            (ratio + z * z / (2 * n) + z * sqrt(ratio * (1 - ratio) / n + z * z / (4 * n * n)))
                / (1 + z * z / n) as high_ratio
        from ratios
        order by ratio desc, channel_group
        """,
        engine=published,
    )
    return (conversion,)


@app.cell
def _(alt, charts, conversion):
    _base = alt.Chart(alt.InlineData(values=conversion.to_dicts())).encode(
        y=alt.Y("channel_group:N", sort=None, title=None)
    )
    _share = alt.Axis(title="conversion, with its 95 % interval", format=".0%")
    intervals = (
        _base.mark_rule(color=charts.ACCENT, strokeWidth=3).encode(
            x=alt.X("low_ratio:Q", axis=_share), x2="high_ratio:Q"
        )
        + _base.mark_point(color=charts.ACCENT, filled=True, size=90).encode(x="ratio:Q")
    ).properties(width=560, description="Conversion per channel with its 95 % interval.")
    intervals
    return (intervals,)


@app.cell
def _(conversion):
    # Apart: the least that the better one can be is more than the most that the other can be.
    _rows = conversion.to_dicts()
    apart = [
        (better["channel_group"], other["channel_group"])
        for better in _rows
        for other in _rows
        if better["low_ratio"] > other["high_ratio"]
    ]
    return (apart,)


@app.cell(hide_code=True)
def _(apart, mo):
    mo.md(
        "**Answer.** "
        + (
            "These differ by more than chance: "
            + "; ".join(f"{better} sells better than {other}" for better, other in apart)
            + ". All other differences may be luck."
            if apart
            else "No two channels lie apart: so far the differences may all be luck. "
            "More days make the intervals shorter."
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Go on

    The same tables lie as Parquet by date beside the database, for pandas, polars, Spark and others:
    docs/exports.md. What each figure means: docs/metrics.md.
    """)
    return


if __name__ == "__main__":
    app.run()
