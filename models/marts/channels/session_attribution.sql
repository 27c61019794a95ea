-- Each session in the history of its visitor: the how-manieth it is, and to which source it is
-- attributed.
-- Grain: one row per session_id, without bots (var exclude_bots).
-- Last touch is the session itself; last non-direct looks back var attribution_lookback_days.

{{ config(
    materialized='incremental',
    incremental_strategy='by_session',
    post_hook=["{{ record_session_dates() }}"],
    tags=['analytics'],
    meta={
        'key': 'visitor_id',
        'days': 'mart_sessions',
        'dates_of': 'session_dates',
        'publish_by': 'session_date',
        'rests_on_earlier_rows': true,
        'grows_by': 'visitor_id',
        'told_by': 'mart_sessions',
    },
) }}

-- depends_on: {{ ref('session_dates') }}

with sessions as (
    select
        *,
        {
            'source': source,
            'medium': medium,
            'campaign': campaign,
            'channel_group': channel_group
        } as touch
    from
        {{ rows_since_change(ref('mart_sessions'), 'visitor_id', 'session_date') }} as mart_sessions
    where {{ is_counted('is_bot') }}
),

{%- if is_incremental() %}

-- What each visitor had before the sessions that are built anew.
earlier as (
    select
        visitor_id,
        max(session_number) as session_count,
        min(visitor_first_date) as visitor_first_date,
        max_by({
            'source': first_source,
            'medium': first_medium,
            'campaign': first_campaign,
            'channel_group': first_channel_group
        }, session_number) as first_touch,
        max_by({
            'at': last_non_direct_at,
            'touch': {
                'source': last_non_direct_source,
                'medium': last_non_direct_medium,
                'campaign': last_non_direct_campaign,
                'channel_group': last_non_direct_channel_group
            }
        }, session_number) as last_non_direct
    from
        {{ rows_before_change(ref('mart_sessions'), 'visitor_id', 'session_date') }}
            as held_sessions
    group by visitor_id
),
{%- endif %}

ordered as (
    select
        *,
        row_number() over history as session_number,
        first_value(session_date) over history as visitor_first_date,
        first_value(touch) over history as first_touch,
        last_value(
            case
                when channel_group <> 'Direct' then {'at': first_event_at, 'touch': touch}
            end
            ignore nulls
        ) over history as last_non_direct
    from sessions
    window history as (
        partition by visitor_id order by first_event_at, session_id
        rows between unbounded preceding and current row
    )
),

{%- if is_incremental() %}

continued as (
    select
        ordered.* replace (
            coalesce(earlier.session_count, 0) + ordered.session_number as session_number,
            coalesce(earlier.visitor_first_date, ordered.visitor_first_date) as visitor_first_date,
            coalesce(earlier.first_touch, ordered.first_touch) as first_touch,
            coalesce(ordered.last_non_direct, earlier.last_non_direct) as last_non_direct
        )
    from ordered
    left join earlier on ordered.visitor_id = earlier.visitor_id
),
{%- endif %}

attributed as (
    select
        *,
        case
            when
                last_non_direct['at']
                >= first_event_at - interval {{ var('attribution_lookback_days') }} day
                then last_non_direct['at']
        end as last_non_direct_at,
        case
            when last_non_direct_at is not null then last_non_direct['touch']
            else touch
        end as non_direct_touch
    from {{ 'continued' if is_incremental() else 'ordered' }}
),

final as (
    select
        session_id,
        session_date,
        visitor_id,
        session_number,
        visitor_first_date,
        first_event_at,
        last_event_at,
        order_count,
        revenue_amount,
        first_touch.source as first_source,
        first_touch.medium as first_medium,
        first_touch.campaign as first_campaign,
        first_touch.channel_group as first_channel_group,
        touch.source as last_source,
        touch.medium as last_medium,
        touch.campaign as last_campaign,
        touch.channel_group as last_channel_group,
        last_non_direct_at,
        non_direct_touch.source as last_non_direct_source,
        non_direct_touch.medium as last_non_direct_medium,
        non_direct_touch.campaign as last_non_direct_campaign,
        non_direct_touch.channel_group as last_non_direct_channel_group
    from attributed
)

select * from final
