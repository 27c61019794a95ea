-- Sessions with what happened in them, where they came from and what they earned; exact across
-- midnight and late arrivals.
-- Grain: one row per session_id.
-- Bots are marked (is_bot, by a rule of any of the session's dates), not left out.

{{ config(
    alias='sessions',
    materialized='incremental',
    incremental_strategy='by_session',
    post_hook=["{{ record_session_dates() }}"],
    meta={
        'key': 'session_id',
        'days': 'session_days',
        'dates_of': 'session_input_dates',
        'publish_by': 'session_date',
    },
) }}

-- depends_on: {{ ref('session_input_dates') }}

with session_days as (
    select * from {{ ref('session_days') }}
    where {{ in_changed_keys(ref('session_days'), 'session_id') }}
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

{{ session_channels('merged') }},

bots as (
    select
        session_id,
        min_by(bot_rule_id, event_date) as bot_rule_id
    from bot_session_days
    where session_id in (select merged.session_id from merged)
    group by session_id
),

earned as (
    select
        session_id,
        count(*) filter (has_order) as order_count,
        sum(revenue_amount) as revenue_amount
    from order_sessions
    where session_id in (select merged.session_id from merged)
    group by session_id
),

final as (
    select
        merged.session_id,
        cast(merged.first_event_at as date) as session_date,
        merged.user_id,
        {{ visitor_id('merged.user_id', 'merged.session_id') }} as visitor_id,
        merged.first_event_at,
        merged.last_event_at,
        date_diff('second', merged.first_event_at, merged.last_event_at) as duration_seconds,
        merged.event_count,
        merged.page_view_count,
        merged.product_view_count,
        merged.cart_count,
        merged.checkout_count,
        merged.purchase_count,
        merged.engaged_microseconds // 1000000 as engaged_seconds,
        merged.landing_page,
        merged.exit_page,
        merged.landing_query,
        merged.landing_referrer as referrer,
        channels.source,
        channels.medium,
        channels.campaign,
        channels.channel_group,
        channels.channel_rule_id,
        coalesce(user_agents.device_type, 'other') as device_type,
        user_agents.browser,
        user_agents.os,
        merged.cart_count > 0 as has_cart,
        merged.checkout_count > 0 as has_checkout,
        merged.purchase_count > 0 as has_purchase,
        (
            merged.page_view_count <= 1
            and merged.engaged_microseconds < {{ var('bounce_below_seconds') * 1000000 }}
            and merged.cart_count + merged.checkout_count + merged.purchase_count = 0
        ) as is_bounce,
        coalesce(earned.order_count, 0) as order_count,
        cast(coalesce(earned.revenue_amount, 0) as decimal(18, 4)) as revenue_amount,
        merged.first_product_view_at,
        merged.first_purchase_at,
        bots.session_id is not null as is_bot,
        bots.bot_rule_id
    from merged
    inner join channels on merged.session_id = channels.session_id
    left join user_agents on merged.user_agent = user_agents.user_agent
    left join bots on merged.session_id = bots.session_id
    left join earned on merged.session_id = earned.session_id
)

select * from final
