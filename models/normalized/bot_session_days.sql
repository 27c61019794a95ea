-- Sessions of bots: the rule by which a session counts as a bot's on a date.
-- Grain: one row per session_id and UTC date, bots only.
-- Everything is decided within the date, so that a late event reopens its own date and no other.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date', 'dates_of': 'traffic_dates'},
) }}

-- Read three times, by three conditions that few rows fulfil, not written down once.
with session_days as not materialized (
    select * from {{ ref('session_days') }}
    where {{ in_changed_dates('event_date', ref('traffic_dates')) }}
),

bot_user_agents as (
    select * from {{ ref('bot_user_agents') }}
),

bot_rules as (
    select * from {{ ref('bot_rules') }}
),

-- Only who has that many views on the whole date can have them within a minute: few rows are
-- sorted.
busy_days as (
    select session_id, event_date
    from session_days
    where page_view_count > {{ var('bot_page_views_per_minute') }}
),

busy_views as (
    select
        events.session_id,
        events.event_date,
        events.event_at,
        lead(events.event_at, {{ var('bot_page_views_per_minute') }}) over (
            partition by events.session_id, events.event_date
            order by events.event_at
        ) as later_view_at
    from {{ ref('events') }} as events
    where
        events.action = 'page_view'
        and {{ in_changed_dates('events.event_date', ref('traffic_dates'), bounded=true) }}
        and (events.session_id, events.event_date) in (
            select (busy_days.session_id, busy_days.event_date) from busy_days
        )
),

rapid_days as (
    select session_id, event_date
    from busy_views
    where later_view_at <= event_at + interval 60 second
    group by session_id, event_date
),

by_agent as (
    select
        session_days.session_id,
        session_days.event_date,
        bot_user_agents.bot_rule_id,
        bot_user_agents.priority
    from session_days
    inner join bot_user_agents
        on
            session_days.user_agent = bot_user_agents.user_agent
            and session_days.event_date >= bot_user_agents.valid_from
            and session_days.event_date < bot_user_agents.valid_to
),

by_robots_txt as (
    select
        session_days.session_id,
        session_days.event_date,
        bot_rules.rule_id as bot_rule_id,
        bot_rules.priority
    from session_days
    inner join bot_rules
        on bot_rules.rule_kind = 'robots_txt' and session_days.event_date >= bot_rules.valid_from
    where session_days.landing_page = '/robots.txt'
),

by_rate as (
    select
        rapid_days.session_id,
        rapid_days.event_date,
        bot_rules.rule_id as bot_rule_id,
        bot_rules.priority
    from rapid_days
    inner join bot_rules
        on bot_rules.rule_kind = 'page_view_rate' and rapid_days.event_date >= bot_rules.valid_from
),

found as (
    select * from by_agent
    union all
    select * from by_robots_txt
    union all
    select * from by_rate
),

final as (
    select
        session_id,
        event_date,
        min_by(bot_rule_id, priority) as bot_rule_id
    from found
    group by session_id, event_date
)

select * from final
