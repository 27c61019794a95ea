-- The dates that have events or orders, for marts that join the two.
-- Grain: one row per UTC date.

{{ config(materialized='table') }}

with traffic_dates as (
    select * from {{ ref('traffic_dates') }}
),

order_dates as (
    select * from {{ ref('order_dates') }}
),

final as (
    select
        coalesce(traffic_dates.event_date, order_dates.event_date) as event_date,
        concat_ws('|', coalesce(traffic_dates.version, '-'), coalesce(order_dates.version, '-'))
            as version
    from traffic_dates
    full outer join order_dates on traffic_dates.event_date = order_dates.event_date
)

select * from final
