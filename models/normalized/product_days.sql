-- Products in events day by day: the part that is rebuilt when a date changes.
-- Grain: one row per product_id and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date'},
) }}

with events as (
    select * from {{ ref('events') }}
    where
        product_id is not null
        and {{ in_changed_dates('event_date', ref('event_dates')) }}
),

final as (
    select
        product_id,
        event_date,
        count(*) filter (action = 'add_to_cart') as cart_count,
        count(*) as event_count,
        count(*) filter (action = 'page_view') as page_view_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by product_id, event_date
)

select * from final
