-- Visitors day by day: the part that is rebuilt, or added to, when a date changes.
-- Grain: one row per visitor_id and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}", "{{ record_arrivals() }}"],
    meta={
        'date_column': 'event_date',
        'dates_of': 'traffic_dates',
        'arrivals_of': ['event_repeats'],
        'adds_by': 'visitor_id',
        'made_in_parts': true,
    },
) }}

-- depends_on: {{ ref('event_date_arrivals') }}
-- depends_on: {{ ref('user_agent_versions') }}

with events as (
    select * from {{ ref('events') }}
    where
        visitor_id is not null
        and {{ in_added_rows('event_date', ref('traffic_dates')) }}
),

grouped as (
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
),

final as (
    {{ added_up(
        'grouped',
        keys=['event_date', 'visitor_id'],
        sums=['event_count', 'page_view_count'],
        minima=['user_id', 'first_event_at'],
        maxima=['last_event_at'],
    ) }}
)

select * from final
