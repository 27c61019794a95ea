-- Every field that the source YAML declares still arrives, once it has been seen. A warning: the
-- rows that came are right, but a tracker or an export has lost something.

{{ config(severity='warn') }}

with validation_errors as (
    select
        source_name,
        table_name,
        field_name,
        last_source_file,
        last_source_line
    from {{ ref('schema_drift') }}
    where drift_kind = 'missing'
)

select * from validation_errors
