-- The dates that have events, each with a version that changes exactly when the set of its events
-- does.
-- Grain: one row per UTC date.
-- The version is a sum over files, so that what new files add to it can be told (grown_dates).

{{ config(materialized='table') }}

with event_date_arrivals as (
    select * from {{ ref('event_date_arrivals') }}
),

final as (
    select
        event_date,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(cast(version as hugeint)) as varchar) as version
    from event_date_arrivals
    group by event_date
)

select * from final
