-- The dates on which sessions began, with a version that changes when a row of session_attribution
-- does.
-- Grain: one row per session date (event_date).

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

-- depends_on: {{ ref('session_attribution') }}

with held_dates as (
    select * from ({{ session_date_versions('session_attribution') }}) as versions
),

final as (
    select event_date, version from held_dates
)

select * from final
