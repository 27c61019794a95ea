-- Visitors day by day: the part that is rebuilt when a date changes.
-- Grain: one row per visitor_id and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date', 'dates_of': 'traffic_dates'},
) }}

with events as (
    select * from {{ ref('events') }}
    where
        visitor_id is not null
        and {{ in_changed_dates('event_date', ref('traffic_dates')) }}
),

final as (
    select
        visitor_id,
        event_date,
        min(user_id) as user_id,
        count(*) as event_count,
        count(*) filter (action = 'page_view') as page_view_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by visitor_id, event_date
)

select * from final
