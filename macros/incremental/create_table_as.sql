{#- dbt makes a temporary table of a model's new rows before it puts them into the model's table. For the rows of new arrivals it
    makes a view here: they are written once, not twice (a day of a million events in 3.7 s, not 4.6), and those of many days
    need not fit into memory. A model that reads `this` cannot do so: its old rows are gone by then.
    Whether new rows keep the model's contract is looked at when they are there (check_for_schema_changes.sql), so their query is
    planned once.
    A model with `config.meta.made_in_parts` is made in parts, one after the other (macros/incremental/parts_of_events.sql). -#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set is_of_new_rows = temporary and language == 'sql' -%}
    {%- set is_view = is_of_new_rows and config.get('incremental_strategy') == 'by_arrival' -%}
    {%- set is_in_parts = not is_view and (config.get('meta') or {}).get('made_in_parts') and model.resource_type == 'model' -%}
    {%- set parts = parts_of_events(compiled_code) if is_in_parts else [] -%}
    {%- set query = part_of(compiled_code, parts[0]) if is_in_parts else compiled_code -%}
    {%- set name = relation.include(database=not temporary, schema=not temporary) -%}
    {%- if is_of_new_rows -%}
    {{ config.get('sql_header') or '' }}
    create or replace temporary {{ 'view' if is_view else 'table' }} {{ name }} as (
        {{ query }}
    )
    {%- else -%}
    {{ dbt.duckdb__create_table_as(
        temporary, relation, query, language, partitioned_by=partitioned_by, sorted_by=sorted_by
    ) }}
    {%- endif -%}
    {%- for part in parts[1:] %};
    insert into {{ name }} by name (
        {{ part_of(compiled_code, part) }}
    )
    {%- endfor -%}
{%- endmacro %}
