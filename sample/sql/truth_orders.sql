-- What is sold: the latest version of an order counts; items with a quantity below one, or whose
-- product id is no number, do not.
create table sold_items as
select
    cast(epoch_ms(latest.created_second * 1000) as date) as order_date,
    latest.order_no,
    order_items.line_number,
    order_items.product_id,
    order_items.quantity + if(order_items.line_number = 1, latest.added_quantity, 0) as quantity,
    order_items.unit_cents,
    order_items.rejection,
from order_items
inner join (
    select *
    from order_versions
    qualify row_number() over (partition by order_no order by version desc) = 1
) as latest
    on order_items.order_no = latest.order_no;

create table daily_orders as
select
    order_date,
    count(distinct order_no) as order_count,
    cast(sum(quantity) as bigint) as unit_count,
    money(sum(quantity * unit_cents)) as revenue,
from sold_items
where rejection is null
group by order_date
order by order_date;

create table rejected_order_items as
select
    getvariable('first_order_id') + order_no as order_id,
    line_number,
    product_id,
    quantity,
    rejection as reason,
from sold_items
where rejection is not null
order by order_id, line_number;

-- Products in a cart with which a checkout was begun later on the date.
create table checked_out_products as
select event_date, page_number(page) as product_id, session_no
from (
    select
        *,
        max(line_ms) filter (action = 'begin_checkout') over (
            partition by session_no, event_date
        ) as checkout_ms,
    from kept
    where action in ('add_to_cart', 'begin_checkout')
)
where action = 'add_to_cart' and line_ms <= checkout_ms
group by all;

create table product_daily_funnel as
with
parts as (
    select view_date as date, product_id, view_count, human_view_count
    from daily_product_page_views
    union all by name
    select event_date as date, page_number(page) as product_id, count(*) as cart_count
    from kept
    where action = 'add_to_cart' and page_kind(page) = 3
    group by event_date, page
    union all by name
    select event_date as date, product_id, count(*) as checkout_count
    from checked_out_products
    group by event_date, product_id
    union all by name
    select
        order_date as date,
        cast(product_id as bigint) as product_id,
        count(distinct order_no) as order_count,
        sum(quantity) as unit_count,
        sum(quantity * unit_cents) as revenue_cents,
    from sold_items
    where rejection is null
    group by order_date, product_id
)
select
    date,
    product_id,
    product_id in (from catalogue_products) as is_in_catalogue,
    cast(coalesce(sum(view_count), 0) as bigint) as view_count,
    cast(coalesce(sum(human_view_count), 0) as bigint) as human_view_count,
    cast(coalesce(sum(cart_count), 0) as bigint) as cart_count,
    cast(coalesce(sum(checkout_count), 0) as bigint) as checkout_count,
    cast(coalesce(sum(order_count), 0) as bigint) as order_count,
    cast(coalesce(sum(unit_count), 0) as bigint) as unit_count,
    money(coalesce(sum(revenue_cents), 0)) as revenue,
from parts
group by date, product_id
order by date, product_id;
