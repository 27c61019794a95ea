-- Visits that go on from the date before: when the session began that they belong to.
-- Grain: one row per visitor_key and first_event_at of a visit that continues another.
-- Only visits near midnight can be linked; they are looked at over all dates, for a chain may be
-- long.

{{ config(materialized='table') }}

{%- set gap = "interval " ~ var('session_gap_minutes') ~ " minute" %}

with visits as (
    select * from {{ ref('visits') }}
    where
        first_event_at <= event_date + {{ gap }}
        or last_event_at >= event_date + interval 1 day - {{ gap }}
),

compared as (
    select
        visitor_key,
        event_date,
        first_event_at,
        coalesce(
            first_event_at - lag(last_event_at) over visits_of_visitor > {{ gap }},
            true
        ) or (
            first_campaign is not null
            and first_campaign is distinct from lag(last_campaign) over visits_of_visitor
        ) as is_first
    from visits
    window visits_of_visitor as (partition by visitor_key order by first_event_at)
),

chained as (
    select
        visitor_key,
        event_date,
        first_event_at,
        is_first,
        max(first_event_at) filter (is_first) over (
            partition by visitor_key order by first_event_at
        ) as session_started_at
    from compared
),

final as (
    select
        visitor_key,
        event_date,
        first_event_at,
        session_started_at
    from chained
    where not is_first
)

select * from final
