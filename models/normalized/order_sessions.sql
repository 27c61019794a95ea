-- The session in which an order was placed: that of the first purchase event with its order id.
-- Grain: one row per order_id that stands in a purchase event with a session.
-- A confirmation page that is opened again later, in another session, earns nothing twice.

{{ config(materialized='table') }}

with purchases as (
    select * from {{ ref('purchases') }}
    where order_id is not null and session_id is not null
),

orders as (
    select * from {{ ref('orders') }}
),

order_items as (
    select * from {{ ref('order_items') }}
),

first_purchases as (
    select *
    from purchases
    qualify row_number() over (partition by order_id order by event_at, event_key, source_name) = 1
),

order_amounts as (
    select
        order_id,
        cast(sum(quantity * unit_price_amount) as decimal(18, 4)) as revenue_amount
    from order_items
    group by order_id
),

final as (
    select
        first_purchases.order_id,
        first_purchases.session_id,
        first_purchases.event_at,
        first_purchases.event_date,
        orders.order_id is not null as has_order,
        cast(coalesce(order_amounts.revenue_amount, 0) as decimal(18, 4)) as revenue_amount
    from first_purchases
    left join orders on first_purchases.order_id = orders.order_id
    left join order_amounts on first_purchases.order_id = order_amounts.order_id
)

select * from final
