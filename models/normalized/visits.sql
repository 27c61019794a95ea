-- Events without a session id, put together: a visit ends when nothing follows for var
-- session_gap_minutes and, with the var new_session_at_campaign, when another campaign begins.
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
        and {{ in_changed_dates('event_date', ref('event_dates'), bounded=true) }}
),

keyed as (
    select
        {{ derived_visitor_key('unique_events') }} as visitor_key,
        event_date,
        event_at,
        {{ campaign_tags('unique_events') }} as campaign
    from unique_events
),

-- Events of one moment stay together, so that visits do not overlap.
moments as (
    select
        visitor_key,
        event_date,
        event_at,
        min(campaign) as campaign,
        count(*) as event_count
    from keyed
    where visitor_key is not null
    group by visitor_key, event_date, event_at
),

known as (
    select
        *,
        last_value(campaign ignore nulls) over (
            partition by visitor_key, event_date order by event_at
        ) as known_campaign
    from moments
),

compared as (
    select
        *,
        coalesce(
            event_at - lag(event_at) over moments_of_visitor
            > interval {{ var('session_gap_minutes') }} minute,
            true
        ) or (
            campaign is not null
            and campaign is distinct from lag(known_campaign) over moments_of_visitor
        ) as is_first
    from known
    window moments_of_visitor as (partition by visitor_key, event_date order by event_at)
),

numbered as (
    select
        *,
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
        cast(sum(event_count) as bigint) as event_count,
        min_by({'tags': campaign}, event_at).tags as first_campaign,
        max_by({'tags': known_campaign}, event_at).tags as last_campaign
    from numbered
    group by visitor_key, event_date, visit_number
)

select * from final
