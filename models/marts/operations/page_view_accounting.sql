-- Where every page view went: page views = views of products + of other pages + of malformed product ids.
-- Grain: one row per view_date (UTC).

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'view_date', 'publish_by': 'view_date'},
) }}

with page_views as (
    select * from {{ ref('events') }}
    where
        action = 'page_view'
        and {{ in_changed_dates('event_date', ref('event_dates')) }}
),

final as (
    select
        event_date as view_date,
        count(*) as page_view_count,
        count(*) filter (product_id is not null) as product_view_count,
        count(*) filter (not has_product) as other_page_view_count,
        count(*) filter (has_product and product_id is null) as unknown_product_view_count,
        count(*) filter (user_id is null) as visitor_fallback_count
    from page_views
    group by event_date
)

select * from final
