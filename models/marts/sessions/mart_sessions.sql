-- Sessions with what happened in them; exact across midnight and late arrivals.
-- Grain: one row per session_id.

{{ config(
    alias='sessions',
    materialized='incremental',
    incremental_strategy='by_entity',
    post_hook=["{{ record_dates_followed() }}"],
    meta={'key': 'session_id', 'days': 'session_days', 'publish_by': 'session_date'},
) }}

with session_days as (
    select * from {{ ref('session_days') }}
    where {{ in_changed_keys(ref('session_days'), 'session_id') }}
),

merged as (
    select
        session_id,
        min(first_user).user_id as user_id,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(page_view_count) as bigint) as page_view_count,
        cast(sum(product_view_count) as bigint) as product_view_count,
        cast(sum(cart_count) as bigint) as cart_count,
        cast(sum(checkout_count) as bigint) as checkout_count,
        cast(sum(purchase_count) as bigint) as purchase_count
    from session_days
    group by session_id
),

final as (
    select
        session_id,
        cast(first_event_at as date) as session_date,
        user_id,
        {{ visitor_id('user_id', 'session_id') }} as visitor_id,
        first_event_at,
        last_event_at,
        date_diff('second', first_event_at, last_event_at) as duration_seconds,
        event_count,
        page_view_count,
        product_view_count,
        cart_count,
        checkout_count,
        purchase_count
    from merged
)

select * from final
