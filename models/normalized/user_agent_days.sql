-- User agents day by day: the part that is rebuilt when a date changes.
-- Grain: one row per user_agent and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date'},
) }}

with events as (
    select * from {{ ref('events') }}
    where
        user_agent is not null
        and {{ in_changed_dates('event_date', ref('event_dates')) }}
),

final as (
    select
        user_agent,
        event_date,
        count(*) as event_count,
        count(*) filter (action = 'page_view') as page_view_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by user_agent, event_date
)

select * from final
