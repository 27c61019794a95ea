-- What is known of the user agents of each date, as a number that changes when an agent is told
-- otherwise, or becomes a bot or ceases to be one.
-- Grain: one row per user_agent and UTC date.
-- A view: a new bot rule changes the numbers of the agents that it matches, from its date on.

{{ config(materialized='view') }}

with user_agent_days as (
    select * from {{ ref('user_agent_days') }}
),

user_agents as (
    select * from {{ ref('user_agents') }}
),

bot_user_agents as (
    select * from {{ ref('bot_user_agents') }}
),

final as (
    select
        user_agent_days.user_agent,
        user_agent_days.event_date,
        user_agent_days.event_count,
        {{ event_key(
            "concat_ws('|', user_agents.user_agent, coalesce(user_agents.browser, ''), "
            ~ "coalesce(user_agents.os, ''), user_agents.device_type, coalesce(bot_user_agents.bot_rule_id, ''))"
        ) }} as version
    from user_agent_days
    inner join user_agents on user_agent_days.user_agent = user_agents.user_agent
    left join bot_user_agents
        on
            user_agent_days.user_agent = bot_user_agents.user_agent
            and user_agent_days.event_date >= bot_user_agents.valid_from
            and user_agent_days.event_date < bot_user_agents.valid_to
)

select * from final
