-- Where every page view went: page views = views of products + of other pages + of malformed
-- product ids + of bots.
-- Grain: one row per view_date (UTC).
-- With the var exclude_bots off, bots stand among the first three and bot_view_count is 0.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'view_date', 'publish_by': 'view_date', 'dates_of': 'traffic_dates'},
) }}

with page_views as (
    select
        events.event_date,
        events.user_id,
        events.product_id,
        events.has_product,
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
        count(*) as page_view_count,
        count(*) filter ({{ is_counted('is_bot') }} and product_id is not null)
            as product_view_count,
        count(*) filter ({{ is_counted('is_bot') }} and not has_product) as other_page_view_count,
        count(*) filter ({{ is_counted('is_bot') }} and has_product and product_id is null)
            as unknown_product_view_count,
        count(*) filter (not ({{ is_counted('is_bot') }})) as bot_view_count,
        count(*) filter ({{ is_counted('is_bot') }} and user_id is null) as visitor_fallback_count
    from page_views
    group by event_date
)

select * from final
