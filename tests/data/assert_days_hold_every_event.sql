-- Nothing is lost between the events and the tables built from them day by day: each new date has as many events in every one of
-- them, and sessions and visitors hold as many as their days.

with days as (
    select event_date from ({{ new_dates() }}) as new_dates
),

events as (
    select
        event_date,
        count(*) as event_count,
        count(session_id) as session_event_count,
        count(visitor_id) as visitor_event_count,
        count(page_path) as page_event_count,
        count(product_id) as product_event_count,
        count(user_agent) as user_agent_event_count
    from {{ ref('events') }}
    where event_date in (select days.event_date from days)
    group by event_date
),

{%- set day_models = {
    'event_dates': 'event_count',
    'session_days': 'session_event_count',
    'visitor_days': 'visitor_event_count',
    'page_days': 'page_event_count',
    'product_days': 'product_event_count',
    'user_agent_days': 'user_agent_event_count',
} %}

compared as (
    {%- for day_model, counted in day_models.items() %}
    select
        '{{ day_model }} ' || days.event_date as what,
        coalesce(events.{{ counted }}, 0) as expected_count,
        coalesce(held.event_count, 0) as found_count
    from days
    left join events on days.event_date = events.event_date
    left join (
        select event_date, sum(event_count) as event_count
        from {{ ref(day_model) }}
        where event_date in (select days.event_date from days)
        group by event_date
    ) as held
        on days.event_date = held.event_date
    union all
    {%- endfor %}
    select
        'sessions' as what,
        (select coalesce(sum(event_count), 0) from {{ ref('session_days') }}) as expected_count,
        (select coalesce(sum(event_count), 0) from {{ ref('sessions') }}) as found_count
    union all
    select
        'mart_sessions' as what,
        (select coalesce(sum(event_count), 0) from {{ ref('session_days') }}) as expected_count,
        (select coalesce(sum(event_count), 0) from {{ ref('mart_sessions') }}) as found_count
    union all
    select
        'visitors' as what,
        (select coalesce(sum(event_count), 0) from {{ ref('visitor_days') }}) as expected_count,
        (select coalesce(sum(event_count), 0) from {{ ref('visitors') }}) as found_count
),

validation_errors as (
    select what, expected_count, found_count from compared
    where expected_count is distinct from found_count
)

select * from validation_errors
