-- Visitors: the user where known, else the session.
-- Grain: one row per visitor_id.

{{ config(
    materialized='incremental',
    incremental_strategy='by_entity',
    post_hook=["{{ record_dates_followed() }}", "{{ record_arrivals() }}"],
    meta={
        'key': 'visitor_id',
        'days': 'visitor_days',
        'dates_of': 'traffic_dates',
        'arrivals_of': ['event_repeats'],
        'grows_by': 'visitor_id',
    },
) }}

-- depends_on: {{ ref('traffic_dates') }}
-- depends_on: {{ ref('event_date_arrivals') }}
-- depends_on: {{ ref('user_agent_versions') }}
-- depends_on: {{ ref('events') }}

{%- set columns = 'visitor_id, user_id, event_count, first_event_at, last_event_at' %}
{%- do note_changes() %}
{%- set late_rows %}
    select
        visitor_id,
        min(user_id) as user_id,
        count(*) as event_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from {{ ref('events') }}
    where visitor_id is not null and {{ is_late_line() }}
    group by visitor_id
{%- endset %}

-- Of who comes back the row that is held stands for the days before.
with visitor_days as (
    select {{ columns }}
    from
        {{ rows_of_changed_keys(
            ref('visitor_days'), 'visitor_id', columns, columns, late_rows
        ) }} as visitor_days
),

final as (
    select
        visitor_id,
        min(user_id) as user_id,
        cast(sum(event_count) as bigint) as event_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from visitor_days
    group by visitor_id
)

select * from final
