-- Orders of the shop beside the purchase events that name them: what is missing on which side, and
-- whether the amounts agree.
-- Grain: one row per order, and per purchase event that names no order (reconciliation_key).
-- The order is compared as it is now, the event as it was first sent: an order that was changed
-- after the purchase shows a difference.

{{ config(
    materialized='incremental',
    incremental_strategy='by_session',
    post_hook=["{{ record_session_dates() }}"],
    tags=['analytics'],
    meta={
        'key': 'reconciliation_key',
        'days': 'order_mentions',
        'date_column': 'reconciled_date',
        'dates_of': 'commerce_dates',
        'publish_by': 'reconciled_date',
    },
) }}

-- depends_on: {{ ref('commerce_dates') }}

with order_mentions as (
    select *
    from {{ rows_of_changed_keys(ref('order_mentions'), 'reconciliation_key') }} as order_mentions
),

compared as (
    select
        reconciliation_key,
        min(order_id) as order_id,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(first_event_at) filter (told_by = 'shop') as ordered_at,
        min(first_event_at) filter (told_by = 'event') as purchased_at,
        max(first_amount) filter (told_by = 'shop') as order_amount,
        min_by({'amount': first_amount}, first_event_at) filter (told_by = 'event') as event,
        cast(coalesce(sum(mention_count) filter (told_by = 'event'), 0) as bigint)
            as purchase_event_count
    from order_mentions
    group by reconciliation_key
),

final as (
    select
        reconciliation_key,
        cast(coalesce(ordered_at, purchased_at) as date) as reconciled_date,
        order_id,
        case
            when order_id is null then 'event_without_order_id'
            when ordered_at is null then 'event_without_order'
            when purchased_at is null then 'order_without_event'
            when order_amount is null or event.amount is null then 'amount_unknown'
            when order_amount <> event.amount then 'amount_differs'
            else 'agrees'
        end as outcome,
        order_amount,
        event.amount as event_amount,
        purchase_event_count,
        ordered_at,
        purchased_at,
        first_event_at,
        last_event_at
    from compared
)

select * from final
