{#- Arrivals whose staged rows no clean full build has tested: (load_id, source_file), or with
    `columns` others of load_id, source_file, source_name and table_name. The var test_all_data
    makes every arrival new. -#}
{% macro new_arrivals(columns='load_id, source_file') -%}
    select {{ columns }}
    from (
        select source_name, table_name, load_id, source_file
        from operations.model_arrivals
        where starts_with(model_name, 'stg_')
        {%- if not var('test_all_data') %}
        except
        select source_name, table_name, load_id, source_file
        from operations.tested_arrivals
        {%- endif %}
    ) as untested_arrivals
{%- endmacro %}

{#- Condition: the row belongs to a new arrival. The loads stand in it as they are as well, where they are few: constants go
    down through views and joins to the tables, so that rows of other loads are not even read; a subquery does not. -#}
{% macro in_new_arrivals(load_id='_dlt_load_id', source_file='_source_file') -%}
    ({{ is_new_value(load_id, 'load_id') }} and {{ in_arrivals(new_arrivals(), 'true', load_id, source_file) }})
{%- endmacro %}

{#- The first and the last date of accepted lines of new arrivals, as constants for `between` (see between_dates); null where they
    have none. -#}
{% macro dates_of_new_arrivals() -%}
    {%- set node = graph.nodes.get('model.clickstream.event_arrivals') if execute -%}
    {%- set query -%}
        select event_date from {{ node.relation_name if node else 'event_arrivals' }} where {{ in_arrivals(new_arrivals(), 'true') }}
    {%- endset -%}
    {%- set found = first_and_last(query) -%}
    {{ date_constant(found[0]) }} and {{ date_constant(found[1]) }}
{%- endmacro %}

{#- Condition: an expression is one of the values that a column of new arrivals has, as constants; true where these are many. -#}
{% macro is_new_value(expression, column) -%}
    {%- set most = 200 -%}
    {%- set query = 'select distinct ' ~ column ~ ' from (' ~ new_arrivals(column) ~ ') as named limit ' ~ (most + 1) -%}
    {%- set found = run_query(query).columns[0].values() if execute else [] -%}
    {%- if not execute or found | length > most -%}
    true
    {%- elif found -%}
    {{ expression }} in (
        {%- for value in found %}'{{ value | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor -%}
    )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}
