-- The dates that have events, with a version that changes when anything does of which sessions are
-- told: events, bots, agents, the orders of purchases, and the channel rules.
-- Grain: one row per UTC date.
-- The orders stand apart in the version: whose they are, mart_sessions finds by comparing.

{{ config(materialized='table') }}

with traffic_dates as (
    select * from {{ ref('traffic_dates') }}
),

order_sessions as (
    select * from {{ ref('order_sessions') }}
),

orders_of_dates as (
    select
        event_date,
        sum(cast({{ event_key(
            "concat_ws('|', order_id, session_id, has_order, revenue_amount)"
        ) }} as hugeint)) as orders
    from order_sessions
    group by event_date
),

rules as (
    select {{ event_key("coalesce(string_agg(held, ';' order by held), '')") }} as version
    from (
        select cast(channel_rules as varchar) as held
        from {{ ref('channel_rules') }} as channel_rules
        union all
        select cast(referrer_sources as varchar) as held
        from {{ ref('referrer_sources') }} as referrer_sources
        union all
        select cast(click_ids as varchar) as held
        from {{ ref('click_ids') }} as click_ids
    ) as all_rules
),

final as (
    select
        traffic_dates.event_date,
        traffic_dates.version || '|' || md5(concat_ws(
            '|',
            (select rules.version from rules),
            '{{ var("site_domains") | join(" ") }}',
            '{{ var("bounce_below_seconds") }}'
        )) || ' ' || coalesce(orders_of_dates.orders, 0) as version
    from traffic_dates
    left join orders_of_dates on traffic_dates.event_date = orders_of_dates.event_date
)

select * from final
