-- Which fields the lines of each file had, and of what type: the small table behind schema_drift.
-- Grain: one row per source, table, load, file, field and JSON type.

{%- set raw_tables = {'documents': [], 'columns': []} %}
{%- for staging_model in watched_models() %}
{%- set raw_table = raw_table_of(staging_model) %}
{%- set shape = 'documents' if holds_documents(raw_table) or not execute else 'columns' %}
{%- if shape == 'columns' or declared_fields(raw_table['source'], raw_table['table']) or not execute %}
{%- do raw_tables[shape].append(raw_table) %}
{%- endif %}
{%- endfor %}

{{ config(
    materialized='incremental',
    incremental_strategy='by_arrival',
    post_hook=["{{ record_arrivals() }}"],
    meta={'arrivals_of': 'watched_models', 'publish': false},
) }}

-- The books that say which arrivals are new are those of the staging models, so these come first:
{% for staging_model in watched_models() -%}
-- depends_on: {{ ref(staging_model) }}
{% endfor %}
with shapes as (
    {% for raw_table in raw_tables['documents'] -%}
    {{ "union all" if not loop.first }}
    {{ document_shapes(raw_table['source'], raw_table['table']) }}
    {% endfor %}
),

document_fields as (
    select
        source_name,
        table_name,
        _source_file,
        _dlt_load_id,
        line_count,
        first_source_line,
        last_source_line,
        unnest(field_names) as field_name,
        unnest(field_types) as json_type
    from shapes
),

fields as (
    select
        source_name,
        table_name,
        _source_file,
        _dlt_load_id,
        {{ json_type_name('json_type') }} as field_type,
        field_name,
        line_count,
        first_source_line,
        last_source_line
    from document_fields
    where json_type is not null
    {% for raw_table in raw_tables['columns'] -%}
    union all
    {{ column_arrivals(raw_table['source'], raw_table['table']) }}
    {% endfor %}
),

final as (
    select
        source_name,
        table_name,
        field_name,
        field_type,
        cast(sum(line_count) as bigint) as line_count,
        min(first_source_line) as first_source_line,
        max(last_source_line) as last_source_line,
        _source_file,
        _dlt_load_id
    from fields
    where line_count > 0
    group by source_name, table_name, field_name, field_type, _source_file, _dlt_load_id
)

select * from final
