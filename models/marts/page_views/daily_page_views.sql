-- Views per page per day.
-- Grain: one row per view_date (UTC) and page_path.

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
        page_path,
        count(*) as view_count,
        count(distinct session_id) as session_count,
        count(distinct visitor_id) as visitor_count
    from page_views
    group by event_date, page_path
)

select * from final
