-- Sessions day by day: the part that is rebuilt when a date changes.
-- Grain: one row per session_id and UTC date.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}", "{{ record_arrivals() }}"],
    meta={
        'date_column': 'event_date',
        'dates_of': 'traffic_dates',
        'arrivals_of': ['event_repeats'],
        'grows_by': 'session_id',
        'made_in_parts': true,
    },
) }}

-- depends_on: {{ ref('event_date_arrivals') }}
-- depends_on: {{ ref('user_agent_versions') }}

with agents as (
    select
        user_agent,
        row_number() over (order by user_agent) as agent_number
    from {{ ref('user_agents') }}
),

-- While sessions are grouped each keeps a number in place of a text of a hundred bytes.
events as (
    select
        events.*,
        agents.agent_number,
        {{ event_order('events') }} as event_order
    from {{ ref('events') }} as events
    left join agents on events.user_agent = agents.user_agent
    where
        events.session_id is not null
        and {{ in_changed_rows('events.event_date', 'events.session_id', ref('traffic_dates')) }}
),

grouped as (
    select
        session_id,
        event_date,
        -- the first user that is known in the session; a tie goes to the smaller id
        min({'event_at': event_at, 'user_id': user_id}) filter (user_id is not null) as first_user,
        min_by(
            {'page': page_path, 'query': page_query, 'referrer': referrer}, event_order
        ) filter (action = 'page_view') as landing,
        max_by(page_path, event_order) filter (action = 'page_view') as exit_page,
        min_by(agent_number, event_order) as agent_number,
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

landed as (
    select
        *,
        landing.page as landing_page,
        landing.query as landing_query,
        landing.referrer as landing_referrer
    from grouped
),

final as (
    select
        landed.session_id,
        landed.event_date,
        landed.first_user,
        landed.landing_page,
        landed.landing_query,
        landed.landing_referrer,
        landed.exit_page,
        agents.user_agent,
        landed.product_view_count,
        landed.cart_count,
        landed.checkout_count,
        landed.purchase_count,
        landed.event_count,
        landed.page_view_count,
        {{ engaged_microseconds('landed.event_times') }} as engaged_microseconds,
        landed.first_product_view_at,
        landed.first_purchase_at,
        landed.first_event_at,
        landed.last_event_at
    from landed
    left join agents on landed.agent_number = agents.agent_number
)

select * from final
