{#- One match of an event and a funnel step, as a struct that sorts by the order of events. -#}
{% macro funnel_state(event_order, event_time, step_number) -%}
    {
        'event_order': {{ event_order }},
        'event_time': {{ event_time }},
        'step_number': cast({{ step_number }} as integer),
        'started': {{ event_time }}
    }
{%- endmacro %}

{#- How many steps of a funnel a session took: the matches are read in order; one that is the next
    step, is another event than the step before and lies within the window (minutes) from the first
    step moves on. -#}
{% macro funnel_progress(sorted_matches, window_minutes) -%}
    {{ return(adapter.dispatch('funnel_progress', 'clickstream')(sorted_matches, window_minutes)) }}
{%- endmacro %}

{% macro duckdb__funnel_progress(sorted_matches, window_minutes) -%}
    list_reduce(
        {{ sorted_matches }},
        lambda reached, next: case
            when
                next.step_number = reached.step_number + 1
                and next.event_order <> reached.event_order
                and (
                    reached.step_number = 0
                    or next.event_time - reached.started <= cast({{ window_minutes }} as bigint) * 60000000
                )
                then {
                    'event_order': next.event_order,
                    'event_time': next.event_time,
                    'step_number': next.step_number,
                    'started': case when reached.step_number = 0 then next.event_time else reached.started end
                }
            else reached
        end,
        {{ funnel_state('cast(-1 as hugeint)', 'cast(0 as bigint)', '0') }}
    ).step_number
{%- endmacro %}
