-- A day in one row: views, sessions, visitors, engagement, the way to the purchase, orders, bots.
-- Grain: one row per traffic_date (UTC) with a page view, a session or an order.
-- Views count on the date of the view, sessions with all that is told of them on the date on which
-- they began, orders on the date on which they were placed. Without bots (var exclude_bots).

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'traffic_date',
        'publish_by': 'traffic_date',
        'dates_of': 'daily_dates',
    },
) }}

with hours as (
    select * from {{ ref('hourly_page_views') }}
    where {{ in_changed_dates('view_date', ref('daily_dates')) }}
),

sessions as (
    select * from {{ ref('mart_sessions') }}
    where
        {{ is_counted('is_bot') }}
        and {{ in_changed_dates('session_date', ref('daily_dates')) }}
),

orders as (
    select * from {{ ref('daily_orders') }}
    where {{ in_changed_dates('order_date', ref('daily_dates')) }}
),

viewed as (
    select
        view_date as traffic_date,
        cast(sum(view_count) as bigint) as view_count,
        cast(sum(bot_view_count) as bigint) as bot_view_count
    from hours
    group by view_date
),

visited as (
    select
        session_date as traffic_date,
        count(*) as session_count,
        count(distinct visitor_id) as visitor_count,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        count(*) filter (is_bounce) as bounce_count,
        count(*) filter (product_view_count > 0) as product_session_count,
        count(*) filter (has_cart) as cart_session_count,
        count(*) filter (has_checkout) as checkout_session_count,
        count(*) filter (has_purchase) as purchase_session_count
    from sessions
    group by session_date
),

ordered as (
    select
        order_date as traffic_date,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(unit_count) as bigint) as unit_count,
        cast(sum(revenue_amount) as decimal(18, 4)) as revenue_amount
    from orders
    group by order_date
),

dates as (
    select traffic_date from viewed
    union
    select traffic_date from visited
    union
    select traffic_date from ordered
),

final as (
    select
        dates.traffic_date,
        coalesce(viewed.view_count, 0) as view_count,
        coalesce(visited.session_count, 0) as session_count,
        coalesce(visited.visitor_count, 0) as visitor_count,
        coalesce(visited.engaged_seconds, 0) as engaged_seconds,
        coalesce(visited.bounce_count, 0) as bounce_count,
        coalesce(visited.product_session_count, 0) as product_session_count,
        coalesce(visited.cart_session_count, 0) as cart_session_count,
        coalesce(visited.checkout_session_count, 0) as checkout_session_count,
        coalesce(visited.purchase_session_count, 0) as purchase_session_count,
        coalesce(ordered.order_count, 0) as order_count,
        coalesce(ordered.unit_count, 0) as unit_count,
        coalesce(ordered.revenue_amount, 0) as revenue_amount,
        coalesce(viewed.bot_view_count, 0) as bot_view_count
    from dates
    left join viewed on dates.traffic_date = viewed.traffic_date
    left join visited on dates.traffic_date = visited.traffic_date
    left join ordered on dates.traffic_date = ordered.traffic_date
)

select * from final
