-- Where the fields that arrive differ from those the source YAML expects: undeclared, retyped or
-- missing ones.
-- Grain: one row per source_name, table_name, field_name, drift_kind and field_type.
-- First, last and missing go by position (file name, then line), never by load: the rows are the
-- same however the files were dealt over loads. Nothing is lost by a drift: raw holds every field.

{{ config(materialized='table') }}

with arrivals as (
    select * from ({{ arrival_positions(watched_models()) }}) as positions
),

declared_fields as (
    select * from ({{ declared_names(watched_models()) }}) as names
),

-- Among all lines of the table, in the order of their positions, those that had the field:
positioned as (
    select
        field_arrivals.*,
        declared_fields.declared_name,
        arrivals.line_end - arrivals.line_count
        + least(field_arrivals.first_source_line - arrivals.first_line + 1, arrivals.line_count)
            as first_position,
        arrivals.line_end - arrivals.line_count
        + least(field_arrivals.last_source_line - arrivals.first_line + 1, arrivals.line_count)
            as last_position
    from {{ ref('field_arrivals') }} as field_arrivals
    inner join arrivals
        on
            field_arrivals.source_name = arrivals.source_name
            and field_arrivals.table_name = arrivals.table_name
            and field_arrivals._source_file = arrivals.source_file
            and field_arrivals._dlt_load_id = arrivals.load_id
    left join declared_fields
        on
            field_arrivals.source_name = declared_fields.source_name
            and field_arrivals.table_name = declared_fields.table_name
            and field_arrivals.field_name = declared_fields.field_name
    where field_arrivals.field_type <> 'null' or declared_fields.field_name is null
),

by_type as (
    select
        source_name,
        table_name,
        field_name,
        field_type,
        declared_name,
        sum(line_count) as line_count,
        max(last_position) as last_position,
        min_by(_source_file, first_position) as first_source_file,
        min_by(first_source_line, first_position) as first_source_line,
        max_by(_source_file, last_position) as last_source_file,
        max_by(last_source_line, last_position) as last_source_line,
        min_by(_dlt_load_id, first_position) as first_load_id,
        max_by(_dlt_load_id, last_position) as last_load_id
    from positioned
    group by source_name, table_name, field_name, field_type, declared_name
),

undeclared as (
    select *, 'undeclared' as drift_kind from by_type
    where declared_name is null
),

-- The usual type of a field is the one of most lines; every other type is a drift.
retyped as (
    select *, 'retyped' as drift_kind from by_type
    where declared_name is not null
    qualify row_number() over (
        partition by source_name, table_name, field_name order by line_count desc, field_type asc
    ) > 1
),

tables as (
    select
        source_name,
        table_name,
        max(line_end) as line_end,
        max_by(header, line_end) as last_header
    from arrivals
    group by source_name, table_name
),

-- Under none of its names in the last lines, or in the header of the last CSV file.
absent_fields as (
    select
        by_type.source_name,
        by_type.table_name,
        by_type.declared_name
    from by_type
    inner join tables
        on by_type.source_name = tables.source_name and by_type.table_name = tables.table_name
    inner join declared_fields
        on
            by_type.source_name = declared_fields.source_name
            and by_type.table_name = declared_fields.table_name
            and by_type.declared_name = declared_fields.declared_name
    group by by_type.source_name, by_type.table_name, by_type.declared_name
    having
        max(tables.line_end) - max(by_type.last_position) >= {{ var('missing_field_lines') }}
        or bool_or(list_contains(tables.last_header, declared_fields.field_name)) is false
),

missing as (
    select by_type.*, 'missing' as drift_kind
    from by_type
    inner join absent_fields
        on
            by_type.source_name = absent_fields.source_name
            and by_type.table_name = absent_fields.table_name
            and by_type.declared_name = absent_fields.declared_name
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
        first_source_line,
        last_source_file,
        last_source_line,
        first_load_id,
        last_load_id
    from drifts
)

select * from final
