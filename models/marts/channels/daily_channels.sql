-- Where sessions came from, per day, and what they brought.
-- Grain: one row per session_date (UTC date on which the session began), channel_group, source and
-- medium.
-- By last touch: the session's own source. Without bots (var exclude_bots).

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
        channel_group,
        source,
        medium,
        count(*) as session_count,
        count(distinct visitor_id) as visitor_count,
        cast(sum(page_view_count) as bigint) as view_count,
        count(*) filter (is_bounce) as bounce_count,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        cast(sum(purchase_count) as bigint) as purchase_count,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(revenue_amount) as decimal(18, 4)) as revenue_amount
    from sessions
    group by session_date, channel_group, source, medium
)

select * from final
