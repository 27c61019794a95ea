-- What each file brought to each date, as a number that changes exactly when the set of these
-- events does.
-- Grain: one row per UTC date, source, load and file with an event that repeats no earlier one.
-- Made from counts per file, not from the events: cheap, and the same after a full refresh.

{{ config(materialized='table') }}

with accepted as (
    select
        event_date,
        source_name,
        _dlt_load_id,
        _source_file,
        sum(line_count) as accepted_count,
        sum(missing_session_count) as missing_session_count
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

final as (
    select
        accepted.event_date,
        accepted.source_name,
        accepted._dlt_load_id,
        accepted._source_file,
        cast(accepted.accepted_count - coalesce(repeated.repeat_count, 0) as bigint) as event_count,
        cast(accepted.missing_session_count as bigint) as missing_session_count,
        md5_number_lower(concat_ws(
            '|',
            accepted.source_name,
            accepted._dlt_load_id,
            accepted._source_file,
            accepted.accepted_count,
            coalesce(repeated.repeat_count, 0),
            coalesce(repeated.repeated_lines, 0)
        )) as version
    from accepted
    left join repeated
        on
            accepted.event_date = repeated.event_date
            and accepted.source_name = repeated.source_name
            and accepted._dlt_load_id = repeated._dlt_load_id
            and accepted._source_file = repeated._source_file
    where accepted.accepted_count > coalesce(repeated.repeat_count, 0)
)

select * from final
