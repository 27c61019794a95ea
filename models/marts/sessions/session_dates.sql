-- The dates on which sessions began, with a version that changes when a row of marts.sessions does.
-- Grain: one row per session date (event_date).

{{ config(materialized='table', meta={'publish': false}) }}

-- depends_on: {{ ref('mart_sessions') }}

with held_dates as (
    select * from ({{ session_date_versions('mart_sessions') }}) as versions
),

final as (
    select event_date, version from held_dates
)

select * from final
