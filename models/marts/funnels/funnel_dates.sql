-- The dates on which sessions began, with a version that changes when an event of their sessions
-- does, or a funnel.
-- Grain: one row per session date (event_date).
-- A session over midnight has events of later dates: their versions belong to it.

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

with session_dates as (
    select * from {{ ref('session_dates') }}
),

traffic_dates as (
    select * from {{ ref('traffic_dates') }}
),

last_dates as (
    select
        session_date,
        max(cast(last_event_at as date)) as last_date
    from {{ ref('mart_sessions') }}
    group by session_date
),

funnels as (
    select {{ event_key("coalesce(string_agg(held, ';' order by held), '')") }} as version
    from (
        select cast(seeded as varchar) as held
        from {{ ref('funnels') }} as seeded
    ) as steps
),

final as (
    select
        session_dates.event_date,
        last_dates.last_date,
        md5(concat_ws(
            '|',
            any_value(session_dates.version),
            (select funnels.version from funnels),
            string_agg(traffic_dates.version, ';' order by traffic_dates.event_date)
        )) as version
    from session_dates
    inner join last_dates on session_dates.event_date = last_dates.session_date
    left join traffic_dates
        on
            session_dates.event_date <= traffic_dates.event_date
            and last_dates.last_date >= traffic_dates.event_date
    group by session_dates.event_date, last_dates.last_date
)

select * from final
