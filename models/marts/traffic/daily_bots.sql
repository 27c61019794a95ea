-- How much of the traffic was bots', per day and rule: crawlers, AI agents, tools, behaviour.
-- Grain: one row per view_date (UTC) and bot_rule_id.
-- A session counts on each of its dates on which a rule made it a bot's.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={'date_column': 'view_date', 'publish_by': 'view_date', 'dates_of': 'bot_dates'},
) }}

with bot_session_days as (
    select * from {{ ref('bot_session_days') }}
    where {{ in_changed_dates('event_date', ref('bot_dates')) }}
),

session_days as (
    select * from {{ ref('session_days') }}
    where {{ in_changed_dates('event_date', ref('bot_dates')) }}
),

bot_rules as (
    select * from {{ ref('bot_rules') }}
),

final as (
    select
        bot_session_days.event_date as view_date,
        bot_session_days.bot_rule_id,
        coalesce(bot_rules.bot_name, 'unknown') as bot_name,
        bot_rules.bot_category,
        count(*) as session_count,
        cast(sum(session_days.event_count) as bigint) as event_count,
        cast(sum(session_days.page_view_count) as bigint) as bot_view_count
    from bot_session_days
    inner join session_days
        on
            bot_session_days.session_id = session_days.session_id
            and bot_session_days.event_date = session_days.event_date
    inner join bot_rules on bot_session_days.bot_rule_id = bot_rules.rule_id
    group by
        bot_session_days.event_date, bot_session_days.bot_rule_id, bot_rules.bot_name,
        bot_rules.bot_category
)

select * from final
