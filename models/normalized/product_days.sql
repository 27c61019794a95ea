-- Products in events day by day: the part that is rebuilt when a date changes.
-- Grain: one row per product_id and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date', 'dates_of': 'traffic_dates'},
) }}

with events as (
    select *
    from (
        {{ marked_events(
            in_changed_dates('events.event_date', ref('traffic_dates'), bounded=true)
        ) }}
    ) as events
    where product_id is not null
),

final as (
    select
        product_id,
        event_date,
        count(*) filter (action = 'add_to_cart') as cart_count,
        count(*) as event_count,
        count(*) filter (action = 'page_view') as page_view_count,
        count(*) filter (action = 'add_to_cart' and is_bot) as bot_cart_count,
        count(*) filter (action = 'page_view' and is_bot) as bot_page_view_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by product_id, event_date
)

select * from final
