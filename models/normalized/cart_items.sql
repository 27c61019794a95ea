-- Products that were put into the cart, and whether a checkout followed.
-- Grain: one row per session_id, UTC date and product_id.
-- Everything is decided within the date, so that a late event reopens its own date and no other.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date', 'dates_of': 'traffic_dates'},
) }}

with events as (
    select
        session_id,
        event_date,
        product_id,
        action,
        event_at
    from {{ ref('events') }}
    where
        action in ('add_to_cart', 'begin_checkout')
        and session_id is not null
        and {{ in_changed_dates('event_date', ref('traffic_dates'), bounded=true) }}
),

checkouts as (
    select
        session_id,
        event_date,
        max(event_at) as last_checkout_at
    from events
    where action = 'begin_checkout'
    group by session_id, event_date
),

carts as (
    select
        session_id,
        event_date,
        product_id,
        count(*) as cart_count,
        min(event_at) as first_cart_at
    from events
    where action = 'add_to_cart' and product_id is not null
    group by session_id, event_date, product_id
),

final as (
    select
        carts.session_id,
        carts.event_date,
        carts.product_id,
        carts.cart_count,
        carts.first_cart_at,
        coalesce(checkouts.last_checkout_at >= carts.first_cart_at, false) as has_checkout,
        bot_session_days.session_id is not null as is_bot
    from carts
    left join checkouts
        on carts.session_id = checkouts.session_id and carts.event_date = checkouts.event_date
    left join {{ ref('bot_session_days') }} as bot_session_days
        on
            carts.session_id = bot_session_days.session_id
            and carts.event_date = bot_session_days.event_date
)

select * from final
