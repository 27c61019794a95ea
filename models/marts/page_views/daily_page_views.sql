-- Views per page per day.
-- Grain: one row per view_date (UTC) and page_path.
-- Bots are left out (var exclude_bots) and counted beside; what only bots viewed has a row with
-- view_count 0.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'view_date', 'publish_by': 'view_date', 'dates_of': 'traffic_dates'},
) }}

with page_views as (
    select
        events.event_date,
        events.event_at,
        events.page_path,
        events.product_id,
        events.session_id,
        events.visitor_id,
        bot_session_days.session_id is not null as is_bot
    from {{ ref('events') }} as events
    left join {{ ref('bot_session_days') }} as bot_session_days
        on
            events.session_id = bot_session_days.session_id
            and events.event_date = bot_session_days.event_date
    where
        events.action = 'page_view'
        and {{ in_changed_dates('events.event_date', ref('traffic_dates')) }}
),

final as (
    select
        event_date as view_date,
        page_path,
        count(*) filter ({{ is_counted('is_bot') }}) as view_count,
        count(distinct session_id) filter ({{ is_counted('is_bot') }}) as session_count,
        count(distinct visitor_id) filter ({{ is_counted('is_bot') }}) as visitor_count,
        count(*) filter (is_bot) as bot_view_count
    from page_views
    group by event_date, page_path
)

select * from final
