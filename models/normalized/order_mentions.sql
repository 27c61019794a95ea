-- Where an order is told of: by the shop, and by purchase events. Events that name no order stand
-- for themselves.
-- Grain: one row per reconciliation_key, UTC date and who tells of it.

{{ config(materialized='view') }}

-- Its tests look at the dates that changed:
-- depends_on: {{ ref('commerce_dates') }}

with orders as (
    select * from {{ ref('orders') }}
),

purchases as (
    select * from {{ ref('purchases') }}
),

final as (
    select
        'order:' || order_id as reconciliation_key,
        order_id,
        'shop' as told_by,
        order_date as event_date,
        ordered_at as first_event_at,
        ordered_at as last_event_at,
        cast(1 as bigint) as mention_count,
        total_amount as first_amount
    from orders
    union all
    select
        coalesce('order:' || order_id, 'event:' || source_name || ':' || event_id)
            as reconciliation_key,
        order_id,
        'event' as told_by,
        event_date,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as mention_count,
        min_by({'amount': order_amount}, (event_at, event_key, source_name)).amount as first_amount
    from purchases
    group by
        coalesce('order:' || order_id, 'event:' || source_name || ':' || event_id), order_id,
        event_date
)

select * from final
