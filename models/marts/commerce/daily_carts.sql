-- What becomes of carts, per day, channel and device.
-- Grain: one row per session_date (UTC date on which the session began), channel_group and
-- device_type with a session that filled a cart or bought.
-- A cart is abandoned when its session ends without a purchase event, even when the visitor buys in
-- a later session. Without bots (var exclude_bots).

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
        and (has_cart or has_checkout or has_purchase)
        and {{ in_changed_dates('session_date', ref('session_dates')) }}
),

final as (
    select
        session_date,
        channel_group,
        device_type,
        count(*) filter (has_cart) as cart_session_count,
        count(*) filter (has_checkout) as checkout_session_count,
        count(*) filter (has_purchase) as purchase_session_count,
        count(*) filter (has_cart and not has_purchase) as abandoned_cart_count,
        count(*) filter (has_checkout and not has_purchase) as abandoned_checkout_count
    from sessions
    group by session_date, channel_group, device_type
)

select * from final
