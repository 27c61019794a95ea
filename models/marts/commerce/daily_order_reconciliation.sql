-- How well orders and purchase events agree, per day.
-- Grain: one row per reconciled_date (UTC date of the order, else of its first purchase event) and
-- outcome.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'reconciled_date',
        'publish_by': 'reconciled_date',
        'dates_of': 'reconciliation_dates',
    },
) }}

with reconciled as (
    select * from {{ ref('order_reconciliation') }}
    where {{ in_changed_dates('reconciled_date', ref('reconciliation_dates')) }}
),

final as (
    select
        reconciled_date,
        outcome,
        count(*) as order_count,
        count(*) filter (purchase_event_count > 1) as repeated_order_count,
        cast(coalesce(sum(order_amount), 0) as decimal(18, 4)) as order_amount,
        cast(coalesce(sum(event_amount), 0) as decimal(18, 4)) as event_amount
    from reconciled
    group by reconciled_date, outcome
)

select * from final
