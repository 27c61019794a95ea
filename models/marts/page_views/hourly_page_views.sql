-- Views per hour.
-- Grain: one row per view_hour (UTC).
-- Bots are left out (var exclude_bots) and counted beside; what only bots viewed has a row with
-- view_count 0.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={
        'date_column': 'view_date',
        'publish_by': 'view_date',
        'dates_of': 'traffic_dates',
        'made_in_parts': true,
    },
) }}

with page_views as (
    select *
    from (
        {{ marked_events(
            in_changed_dates('events.event_date', ref('traffic_dates'), bounded=true)
        ) }}
    ) as events
    where action = 'page_view'
),

final as (
    select
        event_date as view_date,
        date_trunc('hour', event_at) as view_hour,
        count(*) filter ({{ is_counted('is_bot') }}) as view_count,
        count(distinct session_id) filter ({{ is_counted('is_bot') }}) as session_count,
        count(distinct visitor_id) filter ({{ is_counted('is_bot') }}) as visitor_count,
        count(*) filter (is_bot) as bot_view_count
    from page_views
    group by event_date, date_trunc('hour', event_at)
)

select * from final
