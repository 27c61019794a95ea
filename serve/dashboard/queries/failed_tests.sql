-- What the tests of the published build warned of.

select
    test_name,
    status,
    failure_count
from operations.data_quality_results
where invocation_id = $build_id and status in ('warn', 'fail', 'error')
order by test_name
