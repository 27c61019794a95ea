-- unique_events compares arrivals by a hash: no two have the same.

with arrivals as (
    select distinct
        source_name,
        _dlt_load_id,
        _source_file
    from {{ ref('event_arrivals') }}
),

validation_errors as (
    select
        {{ arrival_key('arrivals') }} as arrival_key,
        count(*) as arrival_count
    from arrivals
    group by {{ arrival_key('arrivals') }}
    having count(*) > 1
)

select * from validation_errors
