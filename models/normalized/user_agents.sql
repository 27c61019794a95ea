-- User agents that were seen in events: what they are, and the rule by which they are bots.
-- Grain: one row per user_agent (natural key).
-- Each is parsed once: what this table holds is taken over, unless the parser's rules have a new
-- version.

{{ config(materialized='incremental', incremental_strategy='whole') }}

with user_agent_days as (
    select * from {{ ref('user_agent_days') }}
),

bot_rules as (
    select * from {{ ref('bot_rules') }}
),

seen as (
    select
        user_agent,
        {{ user_agent_parser_version() }} as parser_version,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from user_agent_days
    group by user_agent
),

parsed as (
    select
        seen.user_agent,
        {{ parse_user_agent('seen.user_agent') }} as agent
    from seen
    {% if is_incremental() -%}
    anti join {{ this }} as held
        on seen.user_agent = held.user_agent and seen.parser_version = held.parser_version
    {%- endif %}
),

described as (
    select
        user_agent,
        agent.browser,
        agent.browser_version,
        agent.os,
        agent.device,
        agent.is_spider
    from parsed
    {% if is_incremental() -%}
    union all
    select
        held.user_agent,
        held.browser,
        held.browser_version,
        held.os,
        held.device,
        held.is_spider
    from {{ this }} as held
    inner join seen
        on held.user_agent = seen.user_agent and held.parser_version = seen.parser_version
    {%- endif %}
),

matched as (
    select
        described.user_agent,
        min_by(bot_rules.rule_id, bot_rules.priority) as bot_rule_id
    from described
    inner join bot_rules on {{ is_bot_agent('described', 'bot_rules') }}
    group by described.user_agent
),

final as (
    select
        described.user_agent,
        described.browser,
        described.browser_version,
        described.os,
        described.device,
        {{ device_type(
            'described.user_agent',
            'described.os',
            'described.device',
            'matched.bot_rule_id is not null'
        ) }}
            as device_type,
        described.is_spider,
        matched.bot_rule_id,
        seen.parser_version,
        seen.first_event_at,
        seen.last_event_at
    from described
    inner join seen on described.user_agent = seen.user_agent
    left join matched on described.user_agent = matched.user_agent
)

select * from final
