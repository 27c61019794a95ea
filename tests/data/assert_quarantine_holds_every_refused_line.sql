-- What was refused can be looked at: the quarantine has as many lines of a file as the accounting
-- counts, for the files of new arrivals.

with counted as (
    select source_name, source_file, quarantined_count
    from {{ ref('event_accounting') }}
    where source_file in ({{ new_arrivals('source_file') }})
),

held as (
    select source_name, source_file, count(*) as held_count
    from {{ ref('quarantined_events') }}
    where
        source_file in ({{ new_arrivals('source_file') }})
        and {{ is_new_value('source_file', 'source_file') }}
    group by source_name, source_file
),

validation_errors as (
    select
        coalesce(counted.source_name, held.source_name) as source_name,
        coalesce(counted.source_file, held.source_file) as source_file,
        coalesce(counted.quarantined_count, 0) as quarantined_count,
        coalesce(held.held_count, 0) as held_count
    from counted
    full outer join held
        on counted.source_name = held.source_name and counted.source_file = held.source_file
    where coalesce(counted.quarantined_count, 0) <> coalesce(held.held_count, 0)
)

select * from validation_errors
