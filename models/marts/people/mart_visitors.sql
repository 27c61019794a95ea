-- Visitors with what they did in all their sessions: users, and guests who never logged in.
-- Grain: one row per visitor_id (as of the session: a guest who logs in later is the user).
-- Without bots (var exclude_bots).

{{ config(
    alias='visitors',
    materialized='incremental',
    incremental_strategy='by_entity',
    post_hook=["{{ record_dates_followed() }}"],
    tags=['analytics'],
    meta={
        'key': 'visitor_id',
        'days': 'mart_sessions',
        'days_date': 'session_date',
        'dates_of': 'session_dates',
        'grows_by': 'visitor_id',
        'told_by': 'mart_sessions',
    },
) }}

-- depends_on: {{ ref('session_dates') }}

{%- set of_session %}
    visitor_id, user_id, session_id, is_bot, first_event_at, last_event_at,
    session_date as first_session_date, session_date as last_session_date, 1 as session_count,
    page_view_count, order_count, revenue_amount, channel_group as first_channel_group,
    first_purchase_at
{%- endset %}
{%- set of_held_visitor %}
    visitor_id, user_id, '' as session_id, false as is_bot, first_event_at, last_event_at,
    first_session_date, last_session_date, session_count,
    page_view_count, order_count, revenue_amount, first_channel_group,
    first_purchase_at
{%- endset %}

-- Of who comes back on a new date the row that is held stands for the sessions before.
with sessions as (
    select *
    from
        {{ rows_of_changed_keys(
            ref('mart_sessions'), 'visitor_id', of_session, of_held_visitor
        ) }} as mart_sessions
    where {{ is_counted('is_bot') }}
),

final as (
    select
        visitor_id,
        min(user_id) as user_id,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(first_session_date) as first_session_date,
        max(last_session_date) as last_session_date,
        cast(sum(session_count) as bigint) as session_count,
        cast(sum(page_view_count) as bigint) as page_view_count,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(revenue_amount) as decimal(18, 4)) as revenue_amount,
        min_by(first_channel_group, (first_event_at, session_id)) as first_channel_group,
        min(first_purchase_at) as first_purchase_at,
        date_diff('second', min(first_event_at), min(first_purchase_at))
            as first_purchase_after_seconds
    from sessions
    group by visitor_id
)

select * from final
