{#- CTEs that tell where sessions came from: `channels` (session_id, source, medium, campaign,
    channel_group, channel_rule_id). `sessions` is a CTE with session_id, first_event_at,
    landing_query, landing_referrer. In this order: the campaign tags of the landing page
    (utm_source), its click id (seed click_ids), the referrer (seed referrer_sources), else direct.
    Rules are tried on the few distinct sources, not on each session. -#}
{% macro session_channels(sessions) -%}
tagged as (
    select
        session_id,
        cast(first_event_at as date) as session_date,
        landing_query,
        lower({{ query_parameter('landing_query', 'utm_source') }}) as utm_source,
        lower({{ query_parameter('landing_query', 'utm_medium') }}) as utm_medium,
        {{ query_parameter('landing_query', 'utm_campaign') }} as utm_campaign,
        landing_referrer
    from {{ sessions }}
),

clicked as (
    select
        tagged.session_id,
        min_by({'source': click_ids.source, 'medium': click_ids.medium}, click_ids.priority) as click
    from tagged
    inner join {{ ref('click_ids') }} as click_ids
        on {{ has_query_parameter('tagged.landing_query', 'click_ids.parameter') }}
    group by tagged.session_id
),

referrers as (
    select
        landing_referrer,
        {{ referrer_host('landing_referrer') }} as referrer_host
    from (
        select landing_referrer from tagged
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
        tagged.session_id,
        tagged.session_date,
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
    left join clicked on tagged.session_id = clicked.session_id
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

combinations as (
    select sourced.session_date, sourced.source, sourced.medium, sourced.campaign, kinds.source_kind
    from sourced
    left join kinds on sourced.source = kinds.source
    group by sourced.session_date, sourced.source, sourced.medium, sourced.campaign, kinds.source_kind
),

decided as (
    select
        combinations.session_date,
        combinations.source,
        combinations.medium,
        combinations.campaign,
        min_by(
            {'group': channel_rules.channel_group, 'rule_id': channel_rules.rule_id}, channel_rules.priority
        ) as channel
    from combinations
    inner join {{ ref('channel_rules') }} as channel_rules
        on
            combinations.session_date >= channel_rules.valid_from
            and {{ channel_matches('combinations', 'channel_rules') }}
    group by combinations.session_date, combinations.source, combinations.medium, combinations.campaign
),

channels as (
    select
        sourced.session_id,
        sourced.source,
        sourced.medium,
        sourced.campaign,
        coalesce(decided.channel.group, 'Unassigned') as channel_group,
        coalesce(decided.channel.rule_id, 'unassigned') as channel_rule_id
    from sourced
    left join decided
        on
            sourced.session_date = decided.session_date
            and sourced.source = decided.source
            and sourced.medium = decided.medium
            and sourced.campaign is not distinct from decided.campaign
)
{%- endmacro %}
