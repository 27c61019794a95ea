-- The dates of orders and of purchase events without one, with a version that changes when a row of
-- order_reconciliation does.
-- Grain: one row per UTC date (event_date).

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

-- depends_on: {{ ref('order_reconciliation') }}

with held_dates as (
    select * from ({{ session_date_versions('order_reconciliation') }}) as versions
),

final as (
    select event_date, version from held_dates
)

select * from final
