-- Events without a session id, put together: a visit ends when nothing follows for var
-- session_gap_minutes.
-- Grain: one row per visitor_key and first_event_at; a visit over midnight is cut there
-- (visit_links joins its parts).
-- Empty when every source sends session ids.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date'},
) }}

with unique_events as (
    select * from {{ ref('unique_events') }}
    where
        session_id is null
        and {{ in_changed_dates('event_date', ref('event_dates')) }}
),

keyed as (
    select
        {{ derived_visitor_key('unique_events') }} as visitor_key,
        event_date,
        event_at
    from unique_events
),

compared as (
    select
        visitor_key,
        event_date,
        event_at,
        coalesce(
            event_at - lag(event_at) over (partition by visitor_key, event_date order by event_at)
            > interval {{ var('session_gap_minutes') }} minute,
            true
        ) as is_first
    from keyed
    where visitor_key is not null
),

numbered as (
    select
        visitor_key,
        event_date,
        event_at,
        count(*) filter (is_first) over (
            partition by visitor_key, event_date order by event_at
        ) as visit_number
    from compared
),

final as (
    select
        visitor_key,
        event_date,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as event_count
    from numbered
    group by visitor_key, event_date, visit_number
)

select * from final
