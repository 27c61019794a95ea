-- The dates that have events or orders, for marts that join the two.
-- Grain: one row per UTC date.

{{ config(materialized='table') }}

with event_dates as (
    select * from {{ ref('event_dates') }}
),

order_dates as (
    select * from {{ ref('order_dates') }}
),

final as (
    select
        coalesce(event_dates.event_date, order_dates.event_date) as event_date,
        concat_ws('|', coalesce(event_dates.version, '-'), coalesce(order_dates.version, '-')) as version
    from event_dates
    full outer join order_dates on event_dates.event_date = order_dates.event_date
)

select * from final
