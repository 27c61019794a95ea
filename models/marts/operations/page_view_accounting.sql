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
