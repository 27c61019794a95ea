-- Nothing is lost between the events and the tables built from them day by day: each new date has
-- as many events in every one of them, and sessions and visitors hold as many as their days.

{%- set day_models = {
    'event_dates': '*',
    'session_days': 'session_id',
    'visitor_days': 'visitor_id',
    'page_days': 'page_path',
    'product_days': 'product_id',
    'user_agent_days': 'user_agent',
} %}

with events as (
    select
        {%- for day_model, column in day_models.items() %}
        count({{ column }}) as {{ day_model }},
        {%- endfor %}
        event_date
    from {{ ref('events') }}
    where {{ in_new_dates('event_date') }}
    group by event_date
),

counted as (
    {%- for day_model in day_models %}
    select
        '{{ day_model }}' as model_name,
        event_date,
        {{ day_model }} as event_count
    from events
    where {{ day_model }} > 0
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

held as (
    {%- for day_model in day_models %}
    select
        '{{ day_model }}' as model_name,
        event_date,
        sum(event_count) as event_count
    from {{ ref(day_model) }}
    where event_date in ({{ new_dates() }})
    group by event_date
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

compared as (
    select
        coalesce(counted.model_name, held.model_name) as model_name,
        coalesce(counted.event_date, held.event_date) as event_date,
        coalesce(counted.event_count, 0) as expected_count,
        coalesce(held.event_count, 0) as found_count
    from counted
    full outer join held
        on counted.model_name = held.model_name and counted.event_date = held.event_date
    {%- for model, day_model in {
        'sessions': 'session_days', 'mart_sessions': 'session_days', 'visitors': 'visitor_days'
    }.items() %}
    union all
    select
        '{{ model }}' as model_name,
        cast(null as date) as event_date,
        (select coalesce(sum(event_count), 0) from {{ ref(day_model) }}) as expected_count,
        (select coalesce(sum(event_count), 0) from {{ ref(model) }}) as found_count
    {%- endfor %}
),

validation_errors as (
    select * from compared
    where expected_count <> found_count
)

select * from validation_errors
