-- The dates that have events, with a version that changes when what marked_events tells of them
-- does: their events, the sessions these belong to, and whose sessions are bots'.
-- Grain: one row per UTC date.
-- A bot rule that makes no other session a bot's changes nothing here. The parts stand apart as in
-- traffic_dates: see grown_dates.

{{ config(materialized='table') }}

with traffic_dates as (
    select * from {{ ref('traffic_dates') }}
),

bot_session_days as (
    select * from {{ ref('bot_session_days') }}
),

-- Sums of hashes: the same whatever the order of rows.
bots_of_dates as (
    select
        event_date,
        sum(cast({{ bot_version('bot_session_days') }} as hugeint)) as bots
    from bot_session_days
    group by event_date
),

final as (
    select
        traffic_dates.event_date,
        traffic_dates.event_count,
        concat_ws(
            ' ',
            {{ version_part('traffic_dates.version', 1) }},
            coalesce(bots_of_dates.bots, 0),
            {{ version_part('traffic_dates.version', 3) }}
        ) as version
    from traffic_dates
    left join bots_of_dates on traffic_dates.event_date = bots_of_dates.event_date
)

select * from final
