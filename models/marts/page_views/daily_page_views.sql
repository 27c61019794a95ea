-- Views per page per day.
-- Grain: one row per view_date (UTC) and page_path.
-- Bots are left out (var exclude_bots) and counted beside; what only bots viewed has a row with
-- view_count 0.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}", "{{ record_arrivals() }}"],
    meta={
        'date_column': 'view_date',
        'publish_by': 'view_date',
        'dates_of': 'marked_dates',
        'arrivals_of': ['event_repeats'],
        'adds_by': 'page_path',
        'made_in_parts': true,
    },
) }}

-- depends_on: {{ ref('event_date_arrivals') }}
-- depends_on: {{ ref('session_days') }}

with page_views as (
    select *
    from (
        {{ marked_events(in_added_rows('events.event_date', ref('marked_dates'))) }}
    ) as events
    where action = 'page_view'
),

grouped as (
    select
        event_date as view_date,
        page_path,
        count(*) filter ({{ is_counted('is_bot') }}) as view_count,
        count(distinct session_id) filter ({{ is_counted('is_bot') }}) as session_count,
        count(distinct visitor_id) filter ({{ is_counted('is_bot') }}) as visitor_count,
        count(*) filter (is_bot) as bot_view_count
    from page_views
    group by event_date, page_path
),

final as (
    {{ added_up(
        'grouped',
        keys=['view_date', 'page_path'],
        sums=['view_count', 'session_count', 'visitor_count', 'bot_view_count'],
        less=seen_before('page_path', "action = 'page_view'"),
        less_sums=['session_count', 'visitor_count'],
    ) }}
)

select * from final
