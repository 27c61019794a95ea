-- The days of the metrics layer: every date from the first with data to the last, with or without
-- data.
-- Grain: one row per date_day (UTC).

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

with daily_dates as (
    select * from {{ ref('daily_dates') }}
),

bounds as (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from daily_dates
),

final as (
    select
        {{ each_date('first_date', 'last_date') }} as date_day
    from bounds
)

select * from final
