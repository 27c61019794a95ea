-- Up to when each source of events is probably complete.

select
    source_name,
    newest_event_at,
    complete_until_at,
    delay_p99_seconds
from operations.watermarks
order by source_name
