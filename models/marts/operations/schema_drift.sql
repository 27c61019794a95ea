-- Where the fields that arrive differ from those the source YAML expects: undeclared, retyped or
-- missing ones.
-- Grain: one row per source_name, table_name, field_name, drift_kind and field_type.
-- Nothing is lost by a drift: raw holds every field; accepting one is a line of YAML.

{{ config(materialized='table') }}

with field_arrivals as (
    {% for table_name in ['products', 'categories', 'users'] -%}
    {{ undeclared_column_arrivals('catalogue', table_name) }}
    {% endfor -%}
    {% for staging_model in var('event_sources') -%}
    {%- set raw_table = raw_table_of(staging_model) %}
    {{ undeclared_column_arrivals(raw_table['source'], raw_table['table']) }}
    {% endfor -%}
    select
        source_name,
        table_name,
        field_name,
        field_type,
        line_count,
        first_source_line,
        _source_file,
        _dlt_load_id
    from {{ ref('field_arrivals') }}
),

declared_fields as (
    {% for staging_model in var('event_sources') + ['stg_shop__orders'] -%}
    {%- set raw_table = raw_table_of(staging_model) -%}
    {%- for name, names in declared_fields(raw_table['source'], raw_table['table']).items() -%}
    {%- for accepted in names -%}
    select
        '{{ raw_table["source"] }}' as source_name,
        '{{ raw_table["table"] }}' as table_name,
        '{{ accepted }}' as field_name
    union all
    {% endfor -%}
    {%- endfor -%}
    {%- endfor -%}
    select cast(null as varchar), cast(null as varchar), cast(null as varchar)
    where false
),

by_type as (
    select
        field_arrivals.source_name,
        field_arrivals.table_name,
        field_arrivals.field_name,
        field_arrivals.field_type,
        declared_fields.field_name is not null as is_declared,
        sum(field_arrivals.line_count) as line_count,
        min(field_arrivals._dlt_load_id) as first_load_id,
        max(field_arrivals._dlt_load_id) as last_load_id,
        min(field_arrivals._source_file) as first_source_file,
        max(field_arrivals._source_file) as last_source_file
    from field_arrivals
    left join declared_fields
        on
            field_arrivals.source_name = declared_fields.source_name
            and field_arrivals.table_name = declared_fields.table_name
            and field_arrivals.field_name = declared_fields.field_name
    where field_arrivals.field_type <> 'null' or declared_fields.field_name is null
    group by
        field_arrivals.source_name,
        field_arrivals.table_name,
        field_arrivals.field_name,
        field_arrivals.field_type,
        declared_fields.field_name
),

undeclared as (
    select *, 'undeclared' as drift_kind from by_type
    where not is_declared
),

-- The usual type of a field is the one of most lines; every other type is a drift.
retyped as (
    select *, 'retyped' as drift_kind from by_type
    where is_declared
    qualify row_number() over (
        partition by source_name, table_name, field_name order by line_count desc, field_type
    ) > 1
),

last_loads as (
    select source_name, table_name, max(_dlt_load_id) as load_id
    from field_arrivals
    group by source_name, table_name
),

missing as (
    select by_type.*, 'missing' as drift_kind from by_type
    inner join last_loads
        on
            by_type.source_name = last_loads.source_name
            and by_type.table_name = last_loads.table_name
    where by_type.is_declared
    qualify
        max(by_type.last_load_id) over (
            partition by by_type.source_name, by_type.table_name, by_type.field_name
        )
        < last_loads.load_id
),

drifts as (
    select * from undeclared
    union all by name
    select * from retyped
    union all by name
    select * from missing
),

final as (
    select
        source_name,
        table_name,
        field_name,
        drift_kind,
        field_type,
        cast(line_count as bigint) as line_count,
        first_source_file,
        last_source_file,
        first_load_id,
        last_load_id
    from drifts
)

select * from final
