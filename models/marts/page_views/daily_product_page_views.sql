-- Views per product per day.
-- Grain: one row per view_date (UTC) and product_id.
-- A view of a product page whose id is malformed has no product: see
-- operations.page_view_accounting.
-- Bots are left out (var exclude_bots) and counted beside; what only bots viewed has a row with
-- view_count 0.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}", "{{ record_arrivals() }}"],
    meta={
        'date_column': 'view_date',
        'publish_by': 'view_date',
        'dates_of': 'marked_dates',
        'arrivals_of': ['event_repeats'],
        'adds_by': 'product_id',
        'made_in_parts': true,
    },
) }}

-- depends_on: {{ ref('event_date_arrivals') }}
-- depends_on: {{ ref('session_days') }}

with page_views as (
    select *
    from (
        {{ marked_events(in_added_rows('events.event_date', ref('marked_dates'))) }}
    ) as events
    where action = 'page_view' and product_id is not null
),

grouped as (
    select
        event_date as view_date,
        product_id,
        count(*) filter ({{ is_counted('is_bot') }}) as view_count,
        count(distinct session_id) filter ({{ is_counted('is_bot') }}) as session_count,
        count(distinct visitor_id) filter ({{ is_counted('is_bot') }}) as visitor_count,
        count(*) filter (is_bot) as bot_view_count
    from page_views
    group by event_date, product_id
),

final as (
    {{ added_up(
        'grouped',
        keys=['view_date', 'product_id'],
        sums=['view_count', 'session_count', 'visitor_count', 'bot_view_count'],
        less=seen_before('product_id', "action = 'page_view' and product_id is not null"),
        less_sums=['session_count', 'visitor_count'],
    ) }}
)

select * from final
