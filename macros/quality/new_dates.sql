{#- Dates that no clean full build has tested as they are now: new, changed or emptied since (see
    record_tested). `dates_model`: event_dates, order_dates or commerce_dates. The var test_all_data
    makes every date new. -#}
{% macro new_dates(dates_model='event_dates') -%}
    {%- if dates_model not in ['event_dates', 'traffic_dates', 'session_dates', 'order_dates', 'commerce_dates'] -%}
        {{ exceptions.raise_compiler_error(
            "new_dates: '" ~ dates_model ~ "' is no model of dates; use event_dates, order_dates or "
            ~ "commerce_dates."
        ) }}
    {%- endif -%}
    {%- set node = graph.nodes.get('model.clickstream.' ~ dates_model) if execute -%}
    select coalesce(present_dates.event_date, tested_dates.event_date) as event_date
    from {{ node.relation_name if node else dates_model }} as present_dates
    full outer join (
        select event_date, version
        from operations.tested_dates
        where
            dates_model = '{{ dates_model }}'
            and not {{ 'true' if var('test_all_data') else 'false' }}
    ) as tested_dates
        on present_dates.event_date = tested_dates.event_date
    where present_dates.version is distinct from tested_dates.version
{%- endmacro %}

{#- Condition: a date is one of the new ones. -#}
{% macro in_new_dates(column, dates_model='event_dates') -%}
    ({{ column }} in ({{ new_dates(dates_model) }}) and {{ between_dates(column, new_dates(dates_model)) }})
{%- endmacro %}

{#- A date that first_and_last has found, as SQL; null where it has found none. -#}
{% macro date_constant(found) -%}
    {{ return("date '" ~ found ~ "'" if found else 'cast(null as date)') }}
{%- endmacro %}

{#- Place holder -> the first or last of the new dates as a constant; null when there is none. -#}
{% macro new_dates_bounds() -%}
    {%- set found = first_and_last(new_dates()) -%}
    {%- set bounds = {} -%}
    {%- for place_holder in ['__first_new_date__', '__last_new_date__'] -%}
        {%- set bound = found[loop.index0] -%}
        {%- do bounds.update({place_holder: date_constant(bound)}) -%}
    {%- endfor -%}
    {{ return(bounds) }}
{%- endmacro %}
