-- Products that are viewed together, per day.
-- Grain: one row per view_date (UTC), product_id and other_product_id, the smaller id first.
-- Together: page views in one session on one date. Of a session count its first products (var
-- pair_products_per_session), of a date the pairs of several sessions (var pair_minimum_sessions):
-- the cost of a day is bounded. Without bots (var exclude_bots).

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'view_date',
        'publish_by': 'view_date',
        'dates_of': 'traffic_dates',
        'made_in_parts': true,
    },
) }}

with product_views as (
    select
        events.event_date,
        events.session_id,
        events.product_id,
        min(events.event_at) as first_view_at
    from {{ ref('events') }} as events
    left join {{ ref('bot_session_days') }} as bot_session_days
        on
            events.session_id = bot_session_days.session_id
            and events.event_date = bot_session_days.event_date
    where
        events.action = 'page_view'
        and events.product_id is not null
        and events.session_id is not null
        and {{ is_counted('(bot_session_days.session_id is not null)') }}
        and {{ in_changed_dates('events.event_date', ref('traffic_dates'), bounded=true) }}
    group by events.event_date, events.session_id, events.product_id
),

kept as (
    select
        event_date,
        session_id,
        product_id
    from product_views
    qualify
        row_number() over (
            partition by event_date, session_id order by first_view_at, product_id
        ) <= {{ var('pair_products_per_session') }}
),

final as (
    select
        kept.event_date as view_date,
        kept.product_id,
        others.product_id as other_product_id,
        count(*) as session_count
    from kept
    inner join kept as others
        on
            kept.event_date = others.event_date
            and kept.session_id = others.session_id
            and kept.product_id < others.product_id
    group by kept.event_date, kept.product_id, others.product_id
    having count(*) >= {{ var('pair_minimum_sessions') }}
)

select * from final
