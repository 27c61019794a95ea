-- The items of every order, as first placed.
-- Grain: one row per order and line; rejection says why a line does not count, null where it does.
create table order_items as
with
regular as (
    select
        order_no,
        session_no,
        unnest(range(item_count)) as item_no,
    from sessions
    where has_order
),
traits as (
    select
        order_no,
        item_count,
        getvariable('order_traits')[1 + (order_no - 1) % getvariable('order_block')] as trait,
    from sessions
    where has_order
)
select
    order_no,
    item_no + 1 as line_number,
    cast(item_product(session_no, item_no) as varchar) as product_id,
    item_quantity(session_no, item_no) as quantity,
    product_price_cents(item_product(session_no, item_no)) as unit_cents,
    cast(null as varchar) as rejection,
from regular
union all
select
    order_no,
    item_count + 1,
    case trait
        when 'negative_quantity' then cast(popular_product(order_no, 60) as varchar)
        when 'unknown_product' then cast(unknown_product(order_no) as varchar)
        else 'abc'
    end,
    if(trait = 'negative_quantity', -1, 1),
    product_price_cents(popular_product(order_no, 60)),
    case trait
        when 'negative_quantity' then 'invalid_quantity'
        when 'invalid_product' then 'invalid_product_id'
    end,
from traits
where trait in ('negative_quantity', 'unknown_product', 'invalid_product');

-- Every version of every order.
-- Grain: one row per order and version (1 as placed, 2 as shipped).
create table order_versions as
with
placed as (
    select
        order_no,
        getvariable('order_traits')[1 + (order_no - 1) % getvariable('order_block')] as trait,
        session_no,
        user_no,
        -- The second in which the purchase event happens.
        (
            start_ms + (browse_count + 2 * item_count + 3) * gap_ms
            + pick(first_event_no + browse_count + 2 * item_count + 3, 20, gap_ms)
        ) // 1000 as created_second,
    from sessions
    where has_order
)
select
    *,
    1 as version,
    created_second as updated_second,
    'paid' as status,
    0 as added_quantity,
from placed
union all
select
    *,
    2,
    created_second + 7200 + pick(order_no, 61, 38 * 3600),
    'shipped',
    if(trait = 'updated_quantity', 1, 0),
from placed
where trait in ('updated', 'updated_quantity');

-- What each version says.
-- Grain: one row per order and version.
create table order_documents as
with
versioned_items as (
    select
        order_versions.order_no,
        order_versions.version,
        order_items.line_number,
        order_items.product_id,
        order_items.quantity
            + if(order_items.line_number = 1, order_versions.added_quantity, 0) as quantity,
        order_items.unit_cents,
    from order_versions
    inner join order_items
        on order_versions.order_no = order_items.order_no
),
totals as (
    select
        order_no,
        version,
        cast(sum(quantity * unit_cents) as bigint) as total_cents,
        string_agg(
            concat(
                '{"line_number":', line_number,
                ',"product_id":"', product_id,
                '","quantity":', quantity,
                ',"unit_price":', money(unit_cents), '}'
            ),
            ',' order by line_number
        ) as items_json,
    from versioned_items
    group by order_no, version
)
select
    order_versions.order_no,
    order_versions.version,
    totals.total_cents,
    concat(
        '{"order_id":"', getvariable('first_order_id') + order_versions.order_no,
        '","user_id":',
        if(user_no = 0, 'null', concat('"', getvariable('first_user_id') + user_no, '"')),
        ',"session_id":"', session_text(session_no),
        '","status":"', status,
        '","created_at":"', second_text(created_second),
        '","updated_at":"', second_text(updated_second),
        '","currency":"EUR","total":', money(totals.total_cents),
        -- More digits than a double, or any integer type, can hold.
        ',"payment_reference":', 1 + pick(order_versions.order_no, 62, 9),
        mix(order_versions.order_no, 63), mix(order_versions.order_no, 64),
        '0,"exchange_rate":1.10,"items":[', totals.items_json, ']}'
    ) as payload,
from order_versions
inner join totals
    on order_versions.order_no = totals.order_no
    and order_versions.version = totals.version;
