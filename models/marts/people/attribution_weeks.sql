-- The weeks in which sessions began, with a version that changes when a row of session_attribution
-- does.
-- Grain: one row per week (event_date is its Monday).

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

with attribution_dates as (
    select * from {{ ref('attribution_dates') }}
),

final as (
    select
        cast(date_trunc('week', event_date) as date) as event_date,
        md5(string_agg(event_date || version, ';' order by event_date)) as version
    from attribution_dates
    group by cast(date_trunc('week', event_date) as date)
)

select * from final
