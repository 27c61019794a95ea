-- Where the lines of each source went; unaccounted_count is 0 or something is wrong.

select
    source_name,
    count(*) as file_count,
    cast(sum(line_count) as bigint) as line_count,
    cast(sum(event_count) as bigint) as event_count,
    cast(sum(duplicate_count) as bigint) as duplicate_count,
    cast(sum(quarantined_count) as bigint) as quarantined_count,
    cast(sum(blank_count + skipped_line_count) as bigint) as blank_count,
    cast(sum(line_count - skipped_line_count - blank_count - event_count - duplicate_count
        - quarantined_count) as bigint) as unaccounted_count
from operations.event_accounting
group by source_name
order by source_name
