-- Orders per day, each order in its latest version.
-- Grain: one row per order_date (UTC date on which the order was placed) and currency.
-- Units and revenue are those of the accepted items.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'order_date', 'publish_by': 'order_date', 'dates_of': 'order_dates'},
) }}

with orders as (
    select * from {{ ref('orders') }}
    where {{ in_changed_dates('order_date', ref('order_dates')) }}
),

items_of_orders as (
    select
        order_id,
        sum(quantity) as unit_count,
        sum(quantity * unit_price_amount) as revenue_amount
    from {{ ref('order_items') }}
    where {{ in_changed_dates('order_date', ref('order_dates')) }}
    group by order_id
),

final as (
    select
        orders.order_date,
        coalesce(orders.currency, 'unknown') as currency,
        count(*) as order_count,
        count(distinct orders.user_id) as user_count,
        cast(coalesce(sum(items_of_orders.unit_count), 0) as bigint) as unit_count,
        cast(coalesce(sum(items_of_orders.revenue_amount), 0) as decimal(18, 4)) as revenue_amount
    from orders
    left join items_of_orders on orders.order_id = items_of_orders.order_id
    group by orders.order_date, coalesce(orders.currency, 'unknown')
)

select * from final
