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
    },
) }}

-- depends_on: {{ ref('session_dates') }}

with sessions as (
    select * from {{ rows_of_changed_keys(ref('mart_sessions'), 'visitor_id') }} as mart_sessions
    where {{ is_counted('is_bot') }}
),

final as (
    select
        visitor_id,
        min(user_id) as user_id,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(session_date) as first_session_date,
        max(session_date) as last_session_date,
        count(*) as session_count,
        cast(sum(page_view_count) as bigint) as page_view_count,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(revenue_amount) as decimal(18, 4)) as revenue_amount,
        min_by(channel_group, (first_event_at, session_id)) as first_channel_group,
        min(first_purchase_at) as first_purchase_at,
        date_diff('second', min(first_event_at), min(first_purchase_at))
            as first_purchase_after_seconds
    from sessions
    group by visitor_id
)

select * from final
