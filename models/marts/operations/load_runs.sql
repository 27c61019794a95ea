-- What each ingest run did, table by table.
-- Grain: one row per run_id, source_name and table_name.

{{ config(materialized='view') }}

with load_runs as (
    select * from {{ source('ingest', 'load_runs') }}
),

final as (
    select
        run_id,
        source_name,
        table_name,
        load_id,
        status,
        file_count,
        row_count,
        rejected_count,
        byte_count,
        started_at,
        finished_at,
        date_diff('millisecond', started_at, finished_at) / 1000.0 as duration_seconds,
        message
    from load_runs
)

select * from final
