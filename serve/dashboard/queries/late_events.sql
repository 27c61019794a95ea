-- The last loads that changed dates which an earlier load had already brought.

select
    source_name,
    loaded_at,
    count(*) as date_count,
    min(event_date) as first_date,
    max(event_date) as last_date,
    cast(sum(line_count) as bigint) as line_count
from operations.late_events
where is_reopened
group by source_name, load_id, loaded_at
order by loaded_at desc, source_name
limit 5
