-- The last attempt to load each table, and when rows last came.

select
    source_name,
    table_name,
    arg_max(status, (started_at, run_id)) as status,
    max(finished_at) as last_tried_at,
    max(finished_at) filter (status = 'loaded') as last_loaded_at
from operations.load_runs
group by source_name, table_name
order by source_name, table_name
