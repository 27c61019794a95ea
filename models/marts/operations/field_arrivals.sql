-- Which fields the documents of each file had, and of what type: the small table behind
-- schema_drift.
-- Grain: one row per source, table, load, file, field and JSON type.

{%- set documents = [] %}
{%- for staging_model in var('event_sources') + ['stg_shop__orders'] %}
{%- set raw_table = raw_table_of(staging_model) %}
{%- set declared = declared_fields(raw_table['source'], raw_table['table']) %}
{%- if declared and holds_documents(raw_table) or not execute %}
{%- do documents.append(raw_table) %}
{%- endif %}
{%- endfor %}

{{ config(
    materialized='incremental',
    incremental_strategy='by_arrival',
    post_hook=["{{ record_arrivals() }}"],
    meta={'arrivals_of': 'documents', 'publish': false},
) }}

-- The books that say which arrivals are new are those of the staging models, so these come first:
{% for staging_model in var('event_sources') + ['stg_shop__orders'] -%}
-- depends_on: {{ ref(staging_model) }}
{% endfor %}
with shapes as (
    {% for raw_table in documents -%}
    {{ "union all" if not loop.first }}
    {{ document_shapes(raw_table['source'], raw_table['table']) }}
    {% endfor %}
),

fields as (
    select
        source_name,
        table_name,
        _source_file,
        _dlt_load_id,
        line_count,
        first_source_line,
        unnest(field_names) as field_name,
        unnest(field_types) as field_type
    from shapes
),

final as (
    select
        source_name,
        table_name,
        field_name,
        {{ json_type_name('field_type') }} as field_type,
        cast(sum(line_count) as bigint) as line_count,
        min(first_source_line) as first_source_line,
        _source_file,
        _dlt_load_id
    from fields
    where field_type is not null
    group by
        source_name,
        table_name,
        field_name,
        {{ json_type_name('field_type') }},
        _source_file,
        _dlt_load_id
)

select * from final
