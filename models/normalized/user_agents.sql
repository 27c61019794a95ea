-- User agents that were seen in events.
-- Grain: one row per user_agent (natural key).

{{ config(materialized='table') }}

with user_agent_days as (
    select * from {{ ref('user_agent_days') }}
),

final as (
    select
        user_agent,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from user_agent_days
    group by user_agent
)

select * from final
