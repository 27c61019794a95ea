-- Purchase events: who bought, when, and which order the tracker says it was.
-- Grain: one row per event with action purchase (event_key).

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date', 'dates_of': 'traffic_dates'},
) }}

with events as (
    select * from {{ ref('events') }}
    where
        action = 'purchase'
        and {{ in_changed_dates('event_date', ref('traffic_dates'), bounded=true) }}
),

final as (
    select
        source_name,
        event_id,
        event_key,
        event_at,
        event_date,
        session_id,
        visitor_id,
        order_id,
        order_amount
    from events
)

select * from final
