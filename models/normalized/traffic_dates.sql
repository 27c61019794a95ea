-- The dates that have events, with a version that also changes when their events belong to other
-- sessions or bots.
-- Grain: one row per UTC date.
-- A new bot rule changes the version of the dates on which an agent came that it matches, and of no
-- other. What the events are, the agents and what else decides stand apart in it: see grown_dates.

{{ config(materialized='table') }}

with event_dates as (
    select * from {{ ref('event_dates') }}
),

user_agent_versions as (
    select * from {{ ref('user_agent_versions') }}
),

visit_links as (
    select * from {{ ref('visit_links') }}
),

bot_rules as (
    select * from {{ ref('bot_rules') }}
),

-- Sums of hashes: the same whatever the order of rows.
agents_of_dates as (
    select
        event_date,
        sum(cast(version as hugeint)) as agents
    from user_agent_versions
    group by event_date
),

links_of_dates as (
    select
        event_date,
        sum(cast({{ event_key(
            "concat_ws('|', visitor_key, first_event_at, session_started_at)"
        ) }} as hugeint)) as links
    from visit_links
    group by event_date
),

behaviour_of_dates as (
    select
        event_dates.event_date,
        string_agg(
            bot_rules.rule_id || ' ' || bot_rules.priority, ';' order by bot_rules.rule_id
        ) as rules
    from event_dates
    inner join bot_rules
        on
            event_dates.event_date >= bot_rules.valid_from
            and bot_rules.rule_kind in ('robots_txt', 'page_view_rate')
    group by event_dates.event_date
),

final as (
    select
        event_dates.event_date,
        event_dates.event_count,
        event_dates.version || ' ' || coalesce(agents_of_dates.agents, 0) || ' ' || md5(concat_ws(
            '|',
            coalesce(links_of_dates.links, 0),
            coalesce(behaviour_of_dates.rules, ''),
            '{{ var("bot_page_views_per_minute") }}',
            '{{ var("exclude_bots") }}'
        )) as version
    from event_dates
    left join agents_of_dates on event_dates.event_date = agents_of_dates.event_date
    left join links_of_dates on event_dates.event_date = links_of_dates.event_date
    left join behaviour_of_dates on event_dates.event_date = behaviour_of_dates.event_date
)

select * from final
