-- No line is lost or counted twice: what ingest read became events, duplicates, quarantine, blanks
-- and skipped lines, file by file, and the events of all files are those of all dates.

with accounting as (
    select
        *,
        event_count + duplicate_count + quarantined_count + blank_count + skipped_line_count
            as sum_of_parts,
        least(
            event_count,
            duplicate_count,
            quarantined_count,
            blank_count,
            skipped_line_count
        ) as smallest_part
    from {{ ref('event_accounting') }}
),

compared as (
    select
        source_name || ' ' || source_file as what,
        line_count as expected_count,
        sum_of_parts as found_count
    from accounting
    union all
    select
        source_name || ' ' || source_file || ': smallest part' as what,
        greatest(smallest_part, 0) as expected_count,
        smallest_part as found_count
    from accounting
    union all
    select
        'events of all dates' as what,
        (select coalesce(sum(event_count), 0) from accounting) as expected_count,
        (select coalesce(sum(event_count), 0) from {{ ref('event_dates') }}) as found_count
    union all
    select
        'repeated lines' as what,
        (select coalesce(sum(duplicate_count + conflict_count), 0) from accounting)
            as expected_count,
        (select count(*) from {{ ref('event_repeats') }}) as found_count
),

validation_errors as (
    select * from compared
    where expected_count is distinct from found_count
)

select * from validation_errors
