-- Sessions with what happened in them, where they came from and what they earned; exact across
-- midnight and late arrivals.
-- Grain: one row per session_id.
-- Bots are marked (is_bot, by a rule of any of the session's dates), not left out.

{{ config(
    alias='sessions',
    materialized='incremental',
    incremental_strategy='by_session',
    post_hook=["{{ record_session_dates() }}", "{{ record_arrivals() }}"],
    meta={
        'key': 'session_id',
        'days': 'session_days',
        'dates_of': 'session_input_dates',
        'spans_of': 'sessions',
        'arrivals_of': ['event_repeats'],
        'grows_by': 'session_id',
        'compares': 'sessions_with_other_orders',
        'tells_keys': 'visitor_id',
        'publish_by': 'session_date',
    },
) }}

-- depends_on: {{ ref('session_input_dates') }}
-- depends_on: {{ ref('sessions') }}
-- depends_on: {{ ref('event_date_arrivals') }}
-- depends_on: {{ ref('user_agent_versions') }}
-- depends_on: {{ ref('events') }}

-- All session days are read as they lie; the few of changed sessions are found once and kept.
with session_days as {{ '' if is_incremental() else 'not ' }}materialized (
    select * from {{ rows_of_changed_keys(ref('session_days'), 'session_id') }} as session_days
),

bot_session_days as (
    select * from {{ ref('bot_session_days') }}
),

user_agents as (
    select * from {{ ref('user_agents') }}
),

order_sessions as (
    select * from {{ ref('order_sessions') }}
),

{{ merged_sessions('session_days') }},

{{ session_channels('merged', 'session_days') }},

bots as (
    select
        session_id,
        min_by(bot_rule_id, event_date) as bot_rule_id
    from bot_session_days
    {%- if is_incremental() %}
    where session_id in (select session_days.session_id from session_days)
    {%- endif %}
    group by session_id
),

earned as (
    select
        session_id,
        count(*) filter (has_order) as order_count,
        sum(revenue_amount) as revenue_amount
    from order_sessions
    {%- if is_incremental() %}
    where session_id in (select session_days.session_id from session_days)
    {%- endif %}
    group by session_id
),

final as (
    select
        sessions.session_id,
        cast(sessions.first_event_at as date) as session_date,
        sessions.user_id,
        {{ visitor_id('sessions.user_id', 'sessions.session_id') }} as visitor_id,
        sessions.first_event_at,
        sessions.last_event_at,
        date_diff('second', sessions.first_event_at, sessions.last_event_at) as duration_seconds,
        sessions.event_count,
        sessions.page_view_count,
        sessions.product_view_count,
        sessions.cart_count,
        sessions.checkout_count,
        sessions.purchase_count,
        sessions.engaged_microseconds // 1000000 as engaged_seconds,
        sessions.landing_page,
        sessions.exit_page,
        sessions.landing_query,
        sessions.landing_referrer as referrer,
        sessions.source,
        sessions.medium,
        sessions.campaign,
        sessions.channel_group,
        sessions.channel_rule_id,
        coalesce(user_agents.device_type, 'other') as device_type,
        user_agents.browser,
        user_agents.os,
        sessions.cart_count > 0 as has_cart,
        sessions.checkout_count > 0 as has_checkout,
        sessions.purchase_count > 0 as has_purchase,
        (
            sessions.page_view_count <= 1
            and sessions.engaged_microseconds < {{ var('bounce_below_seconds') * 1000000 }}
            and sessions.cart_count + sessions.checkout_count + sessions.purchase_count = 0
        ) as is_bounce,
        coalesce(earned.order_count, 0) as order_count,
        cast(coalesce(earned.revenue_amount, 0) as decimal(18, 4)) as revenue_amount,
        sessions.first_product_view_at,
        sessions.first_purchase_at,
        bots.session_id is not null as is_bot,
        bots.bot_rule_id
    from sessions_with_channels as sessions
    left join user_agents on sessions.user_agent = user_agents.user_agent
    left join bots on sessions.session_id = bots.session_id
    left join earned on sessions.session_id = earned.session_id
)

select * from final
