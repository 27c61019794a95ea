-- A day of the reporting time zone (var reporting_time_zone) in one row: views, sessions, visitors,
-- orders, bots.
-- Grain: one row per local_date with a page view, a session or an order.
-- As daily_traffic: views count when they happen, sessions when they begin, orders when they are
-- placed. A local day has 23 or 25 hours when the clocks change.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={'date_column': 'local_date', 'publish_by': 'local_date', 'dates_of': 'local_dates'},
) }}

-- depends_on: {{ ref('events') }}
-- depends_on: {{ ref('bot_session_days') }}
-- depends_on: {{ ref('hourly_page_views') }}

with counted as (
    {% if reports_in_utc() -%}
    select
        view_date as local_date,
        cast(sum(view_count) as bigint) as view_count,
        cast(sum(bot_view_count) as bigint) as bot_view_count
    from {{ ref('hourly_page_views') }}
    where {{ in_changed_dates('view_date', ref('local_dates')) }}
    group by view_date
    {%- else -%}
    select
        cast({{ local_time('events.event_at') }} as date) as local_date,
        count(*) filter ({{ is_counted('(bot_session_days.session_id is not null)') }}) as view_count,
        count(*) filter (bot_session_days.session_id is not null) as bot_view_count
    from {{ ref('events') }} as events
    left join {{ ref('bot_session_days') }} as bot_session_days
        on
            events.session_id = bot_session_days.session_id
            and events.event_date = bot_session_days.event_date
    where
        events.action = 'page_view'
        and {{ in_utc_dates_of_changed('events.event_date', ref('local_dates'), bounded=true) }}
    group by cast({{ local_time('events.event_at') }} as date)
    {%- endif %}
),

sessions as (
    select
        *,
        cast({{ local_time('first_event_at') }} as date) as local_date
    from {{ ref('mart_sessions') }}
    where
        {{ is_counted('is_bot') }}
        and {{ in_utc_dates_of_changed('session_date', ref('local_dates')) }}
),

orders as (
    select
        order_id,
        cast({{ local_time('ordered_at') }} as date) as local_date
    from {{ ref('orders') }}
    where {{ in_utc_dates_of_changed('order_date', ref('local_dates')) }}
),

order_items as (
    select
        order_id,
        sum(quantity) as unit_count,
        sum(quantity * unit_price_amount) as revenue_amount
    from {{ ref('order_items') }}
    where {{ in_utc_dates_of_changed('order_date', ref('local_dates')) }}
    group by order_id
),

visited as (
    select
        local_date,
        count(*) as session_count,
        count(distinct visitor_id) as visitor_count,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        count(*) filter (is_bounce) as bounce_count,
        count(*) filter (has_purchase) as purchase_session_count
    from sessions
    group by local_date
),

ordered as (
    select
        orders.local_date,
        count(*) as order_count,
        cast(coalesce(sum(order_items.unit_count), 0) as bigint) as unit_count,
        cast(coalesce(sum(order_items.revenue_amount), 0) as decimal(18, 4)) as revenue_amount
    from orders
    left join order_items on orders.order_id = order_items.order_id
    group by orders.local_date
),

dates as (
    select local_date from counted
    union
    select local_date from visited
    union
    select local_date from ordered
),

final as (
    select
        dates.local_date,
        coalesce(counted.view_count, 0) as view_count,
        coalesce(visited.session_count, 0) as session_count,
        coalesce(visited.visitor_count, 0) as visitor_count,
        coalesce(visited.engaged_seconds, 0) as engaged_seconds,
        coalesce(visited.bounce_count, 0) as bounce_count,
        coalesce(visited.purchase_session_count, 0) as purchase_session_count,
        coalesce(ordered.order_count, 0) as order_count,
        coalesce(ordered.unit_count, 0) as unit_count,
        coalesce(ordered.revenue_amount, 0) as revenue_amount,
        coalesce(counted.bot_view_count, 0) as bot_view_count
    from dates
    left join counted on dates.local_date = counted.local_date
    left join visited on dates.local_date = visited.local_date
    left join ordered on dates.local_date = ordered.local_date
    where {{ in_changed_dates('dates.local_date', ref('local_dates')) }}
)

select * from final
