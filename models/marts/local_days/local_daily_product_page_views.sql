-- Views per product per day of the reporting time zone (var reporting_time_zone).
-- Grain: one row per local_date and product_id.
-- A local day has 23 or 25 hours when the clocks change. Bots are decided by UTC date. In UTC the
-- days are those of daily_product_page_views, and copied.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'local_date',
        'publish_by': 'local_date',
        'dates_of': 'local_dates',
        'made_in_parts': true,
    },
) }}

-- depends_on: {{ ref('events') }}
-- depends_on: {{ ref('bot_session_days') }}
-- depends_on: {{ ref('daily_product_page_views') }}

{% if reports_in_utc() -%}
with final as (
    select
        view_date as local_date,
        product_id,
        view_count,
        session_count,
        visitor_count,
        bot_view_count
    from {{ ref('daily_product_page_views') }}
    where {{ in_changed_dates('view_date', ref('local_dates'), bounded=true) }}
)
{%- else -%}
with page_views as (
    select
        cast({{ local_time('event_at') }} as date) as local_date,
        product_id,
        session_id,
        visitor_id,
        is_bot
    from (
        {{ marked_events(
            in_utc_dates_of_changed('events.event_date', ref('local_dates'), bounded=true)
        ) }}
    ) as events
    where action = 'page_view' and product_id is not null
),

final as (
    select
        local_date,
        product_id,
        count(*) filter ({{ is_counted('is_bot') }}) as view_count,
        count(distinct session_id) filter ({{ is_counted('is_bot') }}) as session_count,
        count(distinct visitor_id) filter ({{ is_counted('is_bot') }}) as visitor_count,
        count(*) filter (is_bot) as bot_view_count
    from page_views
    where {{ in_changed_dates('local_date', ref('local_dates'), bounded=true) }}
    group by local_date, product_id
)
{%- endif %}

select * from final
