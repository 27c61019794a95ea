-- On what people came, per day, and what it brought.
-- Grain: one row per session_date (UTC date on which the session began), device_type, os and
-- browser.
-- The device of a session is that of its first event. Without bots (var exclude_bots).

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'session_date',
        'publish_by': 'session_date',
        'dates_of': 'session_dates',
    },
) }}

with sessions as (
    select * from {{ ref('mart_sessions') }}
    where
        {{ is_counted('is_bot') }}
        and {{ in_changed_dates('session_date', ref('session_dates')) }}
),

final as (
    select
        session_date,
        device_type,
        coalesce(os, 'unknown') as os,
        coalesce(browser, 'unknown') as browser,
        count(*) as session_count,
        count(distinct visitor_id) as visitor_count,
        cast(sum(page_view_count) as bigint) as view_count,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        count(*) filter (is_bounce) as bounce_count,
        count(*) filter (has_purchase) as purchase_session_count,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(revenue_amount) as decimal(18, 4)) as revenue_amount
    from sessions
    group by session_date, device_type, coalesce(os, 'unknown'), coalesce(browser, 'unknown')
)

select * from final
