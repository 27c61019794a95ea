-- How long it takes from the first product view to the purchase, per day.
-- Grain: one row per session_date (UTC date on which the session began) with a session that viewed
-- a product and bought after it.
-- Within the session: marts.visitors has the time from a visitor's first session to the first
-- purchase. Quantiles are durations that occurred, not interpolated. Without bots (var
-- exclude_bots).

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

with delays as (
    select
        session_date,
        (epoch_us(first_purchase_at) - epoch_us(first_product_view_at)) // 1000000 as delay_seconds
    from {{ ref('mart_sessions') }}
    where
        {{ is_counted('is_bot') }}
        and first_purchase_at >= first_product_view_at
        and {{ in_changed_dates('session_date', ref('session_dates')) }}
),

final as (
    select
        session_date,
        count(*) as session_count,
        cast(sum(delay_seconds) as bigint) as delay_seconds,
        min(delay_seconds) as shortest_delay_seconds,
        percentile_disc(0.5) within group (order by delay_seconds) as median_delay_seconds,
        percentile_disc(0.9) within group (order by delay_seconds) as slow_delay_seconds,
        max(delay_seconds) as longest_delay_seconds
    from delays
    group by session_date
)

select * from final
