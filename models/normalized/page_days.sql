-- Pages day by day: the part that is rebuilt, or added to, when a date changes.
-- Grain: one row per page_path and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}", "{{ record_arrivals() }}"],
    meta={
        'date_column': 'event_date',
        'arrivals_of': ['event_repeats'],
        'adds_by': 'page_path',
    },
) }}

-- depends_on: {{ ref('event_date_arrivals') }}

with events as (
    select * from {{ ref('events') }}
    where
        page_path is not null
        and {{ in_added_rows('event_date', ref('event_dates')) }}
),

grouped as (
    select
        page_path,
        event_date,
        count(*) as event_count,
        count(*) filter (action = 'page_view') as page_view_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by page_path, event_date
),

final as (
    {{ added_up(
        'grouped',
        keys=['event_date', 'page_path'],
        sums=['event_count', 'page_view_count'],
        minima=['first_event_at'],
        maxima=['last_event_at'],
    ) }}
)

select * from final
