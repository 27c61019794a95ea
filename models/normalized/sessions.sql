-- Sessions, as the source's session id defines them; exact across midnight and late arrivals.
-- Grain: one row per session_id.

{{ config(
    materialized='incremental',
    incremental_strategy='by_entity',
    post_hook=["{{ record_dates_followed() }}", "{{ record_arrivals() }}"],
    meta={
        'key': 'session_id',
        'days': 'session_days',
        'dates_of': 'traffic_dates',
        'arrivals_of': ['event_repeats'],
        'grows_by': 'session_id',
    },
) }}

-- depends_on: {{ ref('traffic_dates') }}
-- depends_on: {{ ref('event_date_arrivals') }}
-- depends_on: {{ ref('user_agent_versions') }}
-- depends_on: {{ ref('events') }}

with session_days as (
    select * from {{ rows_of_changed_keys(ref('session_days'), 'session_id') }} as session_days
),

merged as (
    select
        session_id,
        min(first_user).user_id as user_id,
        cast(sum(event_count) as bigint) as event_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from session_days
    group by session_id
),

final as (
    select
        session_id,
        user_id,
        {{ visitor_id('user_id', 'session_id') }} as visitor_id,
        event_count,
        first_event_at,
        last_event_at
    from merged
)

select * from final
