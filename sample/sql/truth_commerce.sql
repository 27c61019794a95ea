-- What is true about categories, each with all that lies under it.
create table daily_categories as
with
placed as (
    select *, unnest(branch_of(product_id)) as category_id
    from product_daily_funnel
),
counted as (
    select
        date,
        category_id,
        sum(human_view_count) as view_count,
        sum(cart_count) as cart_count,
        sum(checkout_count) as checkout_count,
        sum(unit_count) as unit_count,
        sum(cast(revenue as decimal(18, 2))) as revenue,
        sum(view_count - human_view_count) as bot_view_count,
    from placed
    group by date, category_id
),
ordered as (
    select order_date as date, category_id, count(distinct order_no) as order_count
    from (
        select *, unnest(branch_of(cast(product_id as bigint))) as category_id
        from sold_items
        where rejection is null
    )
    group by order_date, category_id
)
select * replace (coalesce(order_count, 0) as order_count)
from counted
left join ordered using (date, category_id)
order by date, category_id;

-- The shop's total of an order as it is now, beside the first total that the purchase event told.
create table order_reconciliation as
with
told as (
    select detail as order_no, any_value(total_cents) as cents
    from lines
    where outcome = 'event' and action = 'purchase'
    group by detail
),
latest as (
    select order_no, created_second, total_cents
    from order_versions
    inner join order_documents using (order_no, version)
    qualify row_number() over (partition by order_no order by version desc) = 1
)
select
    cast(epoch_ms(created_second * 1000) as date) as reconciled_date,
    getvariable('first_order_id') + order_no as order_id,
    case
        when cents is null then 'order_without_event'
        when cents = latest.total_cents then 'agrees'
        else 'amount_differs'
    end as outcome,
    money(latest.total_cents) as order_amount,
    money(cents) as event_amount,
from latest
left join told using (order_no)
order by order_id;
