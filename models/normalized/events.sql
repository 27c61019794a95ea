-- The events: every accepted line that repeats no earlier one.
-- Grain: one row per event (source_name, event_id).
-- A view. An event without a session id gets the derived session (visits) in which it lies.

{{ config(materialized='view') }}

-- Its tests look at the dates that changed:
-- depends_on: {{ ref('event_dates') }}

with visits as (
    select * from {{ ref('visits') }}
),

visit_links as (
    select * from {{ ref('visit_links') }}
),

derived_sessions as (
    select
        visits.visitor_key,
        visits.event_date,
        visits.first_event_at,
        visits.last_event_at,
        {{ derived_session_id(
            'visits.visitor_key',
            'coalesce(visit_links.session_started_at, visits.first_event_at)'
        ) }} as session_id
    from visits
    left join visit_links
        on
            visits.visitor_key = visit_links.visitor_key
            and visits.first_event_at = visit_links.first_event_at
),

-- Two halves: rows that have their session id never pay for the join. Each reads the view itself:
-- DuckDB would write down a CTE that is read twice, all columns of all events, for every reader.
identified as (
    select * from {{ ref('unique_events') }}
    where session_id is not null
    union all
    select unique_events.* replace (derived_sessions.session_id as session_id)
    from {{ ref('unique_events') }} as unique_events
    left join derived_sessions
        on
            {{ derived_visitor_key('unique_events') }} = derived_sessions.visitor_key
            and unique_events.event_date = derived_sessions.event_date
            and unique_events.event_at >= derived_sessions.first_event_at
            and unique_events.event_at <= derived_sessions.last_event_at
    where unique_events.session_id is null
),

final as (
    select
        source_name,
        event_id,
        event_key,
        event_at,
        event_date,
        action,
        user_id,
        session_id,
        {{ visitor_id('user_id', 'session_id') }} as visitor_id,
        page_path,
        page_query,
        has_product,
        product_id,
        referrer,
        user_agent,
        ip_address,
        order_id,
        order_amount,
        _source_file,
        _source_line,
        _dlt_load_id
    from identified
)

select * from final
