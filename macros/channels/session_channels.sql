{#- CTEs that tell where sessions came from: `sessions_with_channels`, the rows of `sessions` (first_event_at, landing_query,
    landing_referrer, ...) with source, medium, campaign, channel_group and channel_rule_id. `session_days` holds the days of these
    sessions (event_date, landing_query, landing_referrer). In this order: the campaign tags of the landing page (utm_source), its
    click id (seed click_ids), the referrer (seed referrer_sources), else direct. Found for each distinct landing, not for each
    session: most have neither query nor referrer, and what is held for each of ten million sessions does not fit into memory. -#}
{% macro session_channels(sessions, session_days) -%}
landings as (
    select landing_query, landing_referrer
    from {{ session_days }}
    where landing_query is not null or landing_referrer is not null
    group by landing_query, landing_referrer
    union all
    select null as landing_query, null as landing_referrer
),

tagged as (
    select
        landing_query,
        landing_referrer,
        lower({{ query_parameter('landing_query', 'utm_source') }}) as utm_source,
        lower({{ query_parameter('landing_query', 'utm_medium') }}) as utm_medium,
        {{ query_parameter('landing_query', 'utm_campaign') }} as utm_campaign
    from landings
),

clicked as (
    select
        landings.landing_query,
        min_by({'source': click_ids.source, 'medium': click_ids.medium}, click_ids.priority) as click
    from (select landing_query from landings group by landing_query) as landings
    inner join {{ ref('click_ids') }} as click_ids
        on {{ has_query_parameter('landings.landing_query', 'click_ids.parameter') }}
    group by landings.landing_query
),

referrers as (
    select
        landing_referrer,
        {{ referrer_host('landing_referrer') }} as referrer_host
    from (
        select landing_referrer from landings
        where landing_referrer is not null
        group by landing_referrer
    ) as referring
),

hosts as (
    select
        referrers.referrer_host,
        max_by(
            {'source': referrer_sources.source, 'kind': referrer_sources.source_kind},
            length(referrer_sources.domain)
        ) as known
    from (select referrer_host from referrers group by referrer_host) as referrers
    inner join {{ ref('referrer_sources') }} as referrer_sources
        on {{ is_host_of('referrers.referrer_host', 'referrer_sources.domain') }}
    group by referrers.referrer_host
),

sourced as (
    select
        tagged.landing_query,
        tagged.landing_referrer,
        coalesce(
            tagged.utm_source, clicked.click.source, hosts.known.source, referrers.referrer_host,
            '(direct)'
        ) as source,
        case
            when tagged.utm_source is not null then coalesce(tagged.utm_medium, '(not set)')
            when clicked.click is not null then coalesce(tagged.utm_medium, clicked.click.medium)
            when tagged.utm_medium is not null then tagged.utm_medium
            when hosts.known.kind = 'search' then 'organic'
            when referrers.referrer_host is not null then 'referral'
            else '(none)'
        end as medium,
        tagged.utm_campaign as campaign
    from tagged
    left join clicked on tagged.landing_query = clicked.landing_query
    left join referrers on tagged.landing_referrer = referrers.landing_referrer
    left join hosts on referrers.referrer_host = hosts.referrer_host
),

-- A source is known by its name (google) or by its domain (google.com).
kinds as (
    select
        named.source,
        max_by(referrer_sources.source_kind, length(referrer_sources.domain)) as source_kind
    from (select source from sourced group by source) as named
    inner join {{ ref('referrer_sources') }} as referrer_sources
        on
            named.source = referrer_sources.source
            or {{ is_host_of('named.source', 'referrer_sources.domain') }}
    group by named.source
),

rule_dates as (
    select
        dates.session_date,
        max(channel_rules.valid_from) as rules_since
    from (select event_date as session_date from {{ session_days }} group by event_date) as dates
    left join {{ ref('channel_rules') }} as channel_rules on dates.session_date >= channel_rules.valid_from
    group by dates.session_date
),

combinations as (
    select rule_versions.rules_since, visits.source, visits.medium, visits.campaign, kinds.source_kind
    from (select source, medium, campaign from sourced group by source, medium, campaign) as visits
    left join kinds on visits.source = kinds.source
    cross join (select rules_since from rule_dates group by rules_since) as rule_versions
),

decided as (
    select
        combinations.rules_since,
        combinations.source,
        combinations.medium,
        combinations.campaign,
        min_by(
            {'group': channel_rules.channel_group, 'rule_id': channel_rules.rule_id}, channel_rules.priority
        ) as channel
    from combinations
    inner join {{ ref('channel_rules') }} as channel_rules
        on
            combinations.rules_since >= channel_rules.valid_from
            and {{ channel_matches('combinations', 'channel_rules') }}
    group by combinations.rules_since, combinations.source, combinations.medium, combinations.campaign
),

sessions_with_channels as (
    select
        sessions.*,
        sourced.source,
        sourced.medium,
        sourced.campaign,
        coalesce(decided.channel.group, 'Unassigned') as channel_group,
        coalesce(decided.channel.rule_id, 'unassigned') as channel_rule_id
    from {{ sessions }} as sessions
    left join sourced
        on
            sessions.landing_query is not distinct from sourced.landing_query
            and sessions.landing_referrer is not distinct from sourced.landing_referrer
    left join rule_dates on cast(sessions.first_event_at as date) = rule_dates.session_date
    left join decided
        on
            rule_dates.rules_since = decided.rules_since
            and sourced.source = decided.source
            and sourced.medium = decided.medium
            and sourced.campaign is not distinct from decided.campaign
)
{%- endmacro %}
