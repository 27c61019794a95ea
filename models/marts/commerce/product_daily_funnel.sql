-- From view to revenue, per product and day: views, carts, checkouts, purchases, units, revenue.
-- Grain: one row per activity_date (UTC) and product_id.
-- Views and carts are events, checkouts the sessions that began one with the product in the cart,
-- all without bots (var exclude_bots); purchases, units and revenue are accepted order items, on
-- the date of the order.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={
        'date_column': 'activity_date',
        'publish_by': 'activity_date',
        'dates_of': 'commerce_dates',
    },
) }}

with product_days as (
    select * from {{ ref('product_days') }}
    where {{ in_changed_dates('event_date', ref('commerce_dates')) }}
),

cart_items as (
    select * from {{ ref('cart_items') }}
    where {{ in_changed_dates('event_date', ref('commerce_dates')) }}
),

order_items as (
    select * from {{ ref('order_items') }}
    where {{ in_changed_dates('order_date', ref('commerce_dates')) }}
),

ordered as (
    select
        order_date,
        product_id,
        count(distinct order_id) as purchase_count,
        cast(sum(quantity) as bigint) as unit_count,
        cast(sum(quantity * unit_price_amount) as decimal(18, 4)) as revenue_amount
    from order_items
    group by order_date, product_id
),

-- A product in a cart has its row in product_days.
checked_out as (
    select
        event_date,
        product_id,
        count(*) as checkout_count
    from cart_items
    where has_checkout and {{ is_counted('is_bot') }}
    group by event_date, product_id
),

final as (
    select
        coalesce(product_days.event_date, ordered.order_date) as activity_date,
        coalesce(product_days.product_id, ordered.product_id) as product_id,
        coalesce(product_days.page_view_count, 0)
        - {{ 'coalesce(product_days.bot_page_view_count, 0)' if var('exclude_bots') else 0 }}
            as view_count,
        coalesce(product_days.cart_count, 0)
        - {{ 'coalesce(product_days.bot_cart_count, 0)' if var('exclude_bots') else 0 }}
            as cart_count,
        coalesce(checked_out.checkout_count, 0) as checkout_count,
        coalesce(ordered.purchase_count, 0) as purchase_count,
        coalesce(ordered.unit_count, 0) as unit_count,
        coalesce(ordered.revenue_amount, 0) as revenue_amount,
        coalesce(product_days.bot_page_view_count, 0) as bot_view_count
    from product_days
    full outer join ordered
        on
            product_days.event_date = ordered.order_date
            and product_days.product_id = ordered.product_id
    left join checked_out
        on
            product_days.event_date = checked_out.event_date
            and product_days.product_id = checked_out.product_id
)

select * from final
