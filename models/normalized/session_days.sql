-- Sessions day by day: the part that is rebuilt when a date changes.
-- Grain: one row per session_id and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date', 'dates_of': 'traffic_dates'},
) }}

with events as (
    select
        *,
        {{ event_order('events') }} as event_order
    from {{ ref('events') }} as events
    where
        session_id is not null
        and {{ in_changed_dates('event_date', ref('traffic_dates')) }}
),

grouped as (
    select
        session_id,
        event_date,
        -- the first user that is known in the session; a tie goes to the smaller id
        min({'event_at': event_at, 'user_id': user_id}) filter (user_id is not null) as first_user,
        -- of the first page view; '' stands for none, which min_by would pass over
        min_by(page_path, event_order) filter (action = 'page_view') as landing_page,
        min_by(coalesce(page_query, ''), event_order) filter (
            action = 'page_view'
        ) as landing_query,
        min_by(coalesce(referrer, ''), event_order) filter (
            action = 'page_view'
        ) as landing_referrer,
        max_by(page_path, event_order) filter (action = 'page_view') as exit_page,
        min_by(user_agent, event_order) as user_agent,
        list_sort(list(epoch_us(event_at))) as event_times,
        count(*) filter (action = 'page_view' and has_product) as product_view_count,
        count(*) filter (action = 'add_to_cart') as cart_count,
        count(*) filter (action = 'begin_checkout') as checkout_count,
        count(*) filter (action = 'purchase') as purchase_count,
        count(*) as event_count,
        count(*) filter (action = 'page_view') as page_view_count,
        min(event_at) filter (action = 'page_view' and has_product) as first_product_view_at,
        min(event_at) filter (action = 'purchase') as first_purchase_at,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by session_id, event_date
),

final as (
    select
        session_id,
        event_date,
        first_user,
        landing_page,
        nullif(landing_query, '') as landing_query,
        nullif(landing_referrer, '') as landing_referrer,
        exit_page,
        user_agent,
        product_view_count,
        cart_count,
        checkout_count,
        purchase_count,
        event_count,
        page_view_count,
        {{ engaged_microseconds('event_times') }} as engaged_microseconds,
        first_product_view_at,
        first_purchase_at,
        first_event_at,
        last_event_at
    from grouped
)

select * from final
