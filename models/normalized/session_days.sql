-- Sessions day by day: the part that is rebuilt when a date changes.
-- Grain: one row per session_id and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    meta={'date_column': 'event_date'},
) }}

with events as (
    select * from {{ ref('events') }}
    where
        session_id is not null
        and {{ in_changed_dates('event_date', ref('event_dates')) }}
),

final as (
    select
        session_id,
        event_date,
        -- the first user that is known in the session; a tie goes to the smaller id
        min({'event_at': event_at, 'user_id': user_id}) filter (user_id is not null) as first_user,
        count(*) filter (action = 'page_view' and has_product) as product_view_count,
        count(*) filter (action = 'add_to_cart') as cart_count,
        count(*) filter (action = 'begin_checkout') as checkout_count,
        count(*) filter (action = 'purchase') as purchase_count,
        count(*) as event_count,
        count(*) filter (action = 'page_view') as page_view_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by session_id, event_date
)

select * from final
