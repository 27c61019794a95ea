{#- dbt makes a temporary table of a model's new rows before it puts them into the model's table. For the rows of new arrivals it
    makes a view here: they are written once, not twice (a day of a million events in 3.7 s, not 4.6), and those of many days
    need not fit into memory. A model that reads `this` cannot do so: its old rows are gone by then.
    A model with `config.meta.made_in_parts` is made in parts, one after the other (macros/incremental/parts_of_events.sql). -#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- if temporary and language == 'sql' and config.get('incremental_strategy') == 'by_arrival' -%}
    create or replace temporary view {{ relation.include(database=false, schema=false) }} as (
        {{ compiled_code }}
    )
    {%- elif (config.get('meta') or {}).get('made_in_parts') and model.resource_type == 'model' -%}
    {%- set parts = parts_of_events(compiled_code) -%}
    {{ dbt.duckdb__create_table_as(temporary, relation, part_of(compiled_code, parts[0])) }}
    {%- for part in parts[1:] %};
    insert into {{ relation.include(database=not temporary, schema=not temporary) }} by name (
        {{ part_of(compiled_code, part) }}
    )
    {%- endfor %}
    {%- else -%}
    {{ dbt.duckdb__create_table_as(
        temporary, relation, compiled_code, language, partitioned_by=partitioned_by, sorted_by=sorted_by
    ) }}
    {%- endif -%}
{%- endmacro %}
