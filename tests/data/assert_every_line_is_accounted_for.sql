-- No line is lost or counted twice: what ingest read is what became events, duplicates, quarantine, blanks and skipped lines, file
-- by file, and the events of all files are those of all dates.

with accounting as (
    select * from {{ ref('event_accounting') }}
),

files_that_differ as (
    select
        source_name || ' ' || source_file as what,
        line_count as expected_count,
        event_count + duplicate_count + quarantined_count + blank_count + skipped_line_count as found_count
    from accounting
),

negative_counts as (
    select
        source_name || ' ' || source_file || ': smallest count' as what,
        0 as expected_count,
        least(
            0, line_count, event_count, duplicate_count, quarantined_count, blank_count, skipped_line_count
        ) as found_count
    from accounting
),

totals as (
    select
        'events of all dates' as what,
        (select coalesce(sum(event_count), 0) from accounting) as expected_count,
        (select coalesce(sum(event_count), 0) from {{ ref('event_dates') }}) as found_count
    union all
    select
        'repeated lines' as what,
        (select coalesce(sum(duplicate_count + conflict_count), 0) from accounting) as expected_count,
        (select count(*) from {{ ref('event_repeats') }}) as found_count
),

compared as (
    select what, expected_count, found_count from files_that_differ
    union all
    select what, expected_count, found_count from negative_counts
    union all
    select what, expected_count, found_count from totals
),

validation_errors as (
    select what, expected_count, found_count from compared
    where expected_count is distinct from found_count
)

select * from validation_errors
