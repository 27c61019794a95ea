-- Which dates each load brought events for, how long after they had happened, and whether it
-- reopened a date.
-- Grain: one row per source_name, load_id and event_date.

{{ config(materialized='table') }}

with event_arrivals as (
    select * from {{ ref('event_arrivals') }}
    where line_kind = 'accepted'
),

by_load as (
    select
        source_name,
        _dlt_load_id as load_id,
        event_date,
        cast(to_timestamp(cast(_dlt_load_id as double)) as timestamp) as loaded_at,
        cast(sum(line_count) as bigint) as line_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from event_arrivals
    group by source_name, _dlt_load_id, event_date
),

final as (
    select
        source_name,
        load_id,
        event_date,
        loaded_at,
        line_count,
        first_event_at,
        last_event_at,
        date_diff('second', last_event_at, loaded_at) as shortest_delay_seconds,
        date_diff('second', first_event_at, loaded_at) as longest_delay_seconds,
        load_id <> min(load_id) over (partition by source_name, event_date) as is_reopened
    from by_load
)

select * from final
