-- An order that the shop returned and staging accepted is an order here, with each accepted item of
-- the version that is kept.

with accepted as (
    select distinct order_id
    from {{ ref('stg_shop__orders') }}
    where reject_reasons is null
),

accepted_items as (
    select count(*) as item_count
    from {{ ref('stg_shop__orders__items') }} as items
    inner join {{ ref('orders') }} as orders
        on
            items._dlt_load_id = orders._dlt_load_id
            and items._source_file = orders._source_file
            and items._source_line = orders._source_line
    where items.reject_reasons is null
),

validation_errors as (
    select
        accepted.order_id as staged_order_id,
        orders.order_id,
        cast(null as bigint) as item_count
    from accepted
    full outer join {{ ref('orders') }} as orders on accepted.order_id = orders.order_id
    where accepted.order_id is null or orders.order_id is null
    union all
    select
        cast(null as varchar) as staged_order_id,
        cast(null as varchar) as order_id,
        accepted_items.item_count
    from accepted_items
    where accepted_items.item_count <> (select count(*) from {{ ref('order_items') }})
)

select * from validation_errors
