-- The dates that have events, each with a version that changes exactly when the set of its events
-- does.
-- Grain: one row per UTC date.
-- The version is built from counts per file, not from the events: cheap, and the same after a full
-- refresh.

{{ config(materialized='table') }}

with accepted as (
    select event_date, source_name, _dlt_load_id, _source_file, sum(line_count) as accepted_count
    from {{ ref('event_arrivals') }}
    where line_kind = 'accepted'
    group by event_date, source_name, _dlt_load_id, _source_file
),

repeated as (
    select
        event_date,
        source_name,
        _dlt_load_id,
        _source_file,
        count(*) as repeat_count,
        sum(cast(md5_number_lower(cast(_source_line as varchar)) as hugeint)) as repeated_lines
    from {{ ref('event_repeats') }}
    group by event_date, source_name, _dlt_load_id, _source_file
),

kept as (
    select
        accepted.event_date,
        accepted.accepted_count - coalesce(repeated.repeat_count, 0) as event_count,
        concat_ws(
            '|',
            accepted.source_name,
            accepted._dlt_load_id,
            accepted._source_file,
            accepted.accepted_count,
            coalesce(repeated.repeat_count, 0),
            coalesce(repeated.repeated_lines, 0)
        ) as content
    from accepted
    left join repeated
        on
            accepted.event_date = repeated.event_date
            and accepted.source_name = repeated.source_name
            and accepted._dlt_load_id = repeated._dlt_load_id
            and accepted._source_file = repeated._source_file
),

final as (
    select
        event_date,
        cast(sum(event_count) as bigint) as event_count,
        md5(string_agg(content, ';' order by content)) as version
    from kept
    where event_count > 0
    group by event_date
)

select * from final
