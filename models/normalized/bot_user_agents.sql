-- User agents that are bots, and from when to when by which rule.
-- Grain: one row per user_agent and valid_from.
-- Of several rules that match on a date, the one with the lowest priority number counts.

{{ config(materialized='table') }}

with user_agents as (
    select * from {{ ref('user_agents') }}
),

bot_rules as (
    select * from {{ ref('bot_rules') }}
),

-- A rule that starts while a better one is in force never counts.
matched as (
    select
        user_agents.user_agent,
        bot_rules.rule_id as bot_rule_id,
        bot_rules.priority,
        bot_rules.valid_from
    from user_agents
    inner join bot_rules on {{ is_bot_agent('user_agents', 'bot_rules') }}
    qualify
        bot_rules.priority = min(bot_rules.priority) over (
            partition by user_agents.user_agent
            order by bot_rules.valid_from, bot_rules.priority
            rows between unbounded preceding and current row
        )
),

final as (
    select
        user_agent,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by user_agent order by valid_from),
            date '9999-12-31'
        ) as valid_to,
        bot_rule_id,
        priority
    from matched
)

select * from final
