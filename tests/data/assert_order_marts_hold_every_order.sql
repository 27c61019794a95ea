-- Orders, units and revenue are the same wherever they are read: on each new date the marts add up
-- to the orders and their items.

with days as (
    select event_date as order_date from ({{ new_dates('order_dates') }}) as new_dates
),

orders as (
    select order_date, count(*) as order_count
    from {{ ref('orders') }}
    where order_date in (select days.order_date from days)
    group by order_date
),

items as (
    select
        order_date,
        sum(quantity) as unit_count,
        sum(quantity * unit_price_amount) as revenue_amount
    from {{ ref('order_items') }}
    where order_date in (select days.order_date from days)
    group by order_date
),

daily_orders as (
    select
        order_date,
        sum(order_count) as order_count,
        sum(unit_count) as unit_count,
        sum(revenue_amount) as revenue_amount
    from {{ ref('daily_orders') }}
    where order_date in (select days.order_date from days)
    group by order_date
),

funnel as (
    select
        activity_date as order_date,
        sum(unit_count) as unit_count,
        sum(revenue_amount) as revenue_amount
    from {{ ref('product_daily_funnel') }}
    where activity_date in (select days.order_date from days)
    group by activity_date
),

compared as (
    select
        days.order_date,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(daily_orders.order_count, 0) as mart_order_count,
        coalesce(items.unit_count, 0) as unit_count,
        coalesce(daily_orders.unit_count, 0) as mart_unit_count,
        coalesce(funnel.unit_count, 0) as funnel_unit_count,
        coalesce(items.revenue_amount, 0) as revenue_amount,
        coalesce(daily_orders.revenue_amount, 0) as mart_revenue_amount,
        coalesce(funnel.revenue_amount, 0) as funnel_revenue_amount
    from days
    left join orders on days.order_date = orders.order_date
    left join items on days.order_date = items.order_date
    left join daily_orders on days.order_date = daily_orders.order_date
    left join funnel on days.order_date = funnel.order_date
),

validation_errors as (
    select * from compared
    where
        order_count <> mart_order_count
        or unit_count <> mart_unit_count
        or unit_count <> funnel_unit_count
        or revenue_amount <> mart_revenue_amount
        or revenue_amount <> funnel_revenue_amount
)

select * from validation_errors
