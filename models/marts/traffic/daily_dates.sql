-- The dates on which anything happened, for marts that put traffic, sessions and orders of a day
-- beside each other.
-- Grain: one row per UTC date (event_date).

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

with commerce_dates as (
    select * from {{ ref('commerce_dates') }}
),

session_dates as (
    select * from {{ ref('session_dates') }}
),

final as (
    select
        coalesce(commerce_dates.event_date, session_dates.event_date) as event_date,
        concat_ws('|', coalesce(commerce_dates.version, '-'), coalesce(session_dates.version, '-'))
            as version
    from commerce_dates
    full outer join session_dates on commerce_dates.event_date = session_dates.event_date
)

select * from final
