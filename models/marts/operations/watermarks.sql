-- Up to when each source is probably complete, from how late its events have been seen to arrive.
-- Grain: one row per source_name.
-- Lateness is measured within a file (its newest hour minus the event's hour), not against the
-- clock of the load: a backfill of old files is not late, and the figures are the same after a full
-- refresh.

{{ config(materialized='table') }}

with arrived_hours as (
    select
        source_name,
        _source_file,
        _dlt_load_id,
        event_hour,
        sum(line_count) as line_count,
        max(last_event_at) as last_event_at
    from {{ ref('event_arrivals') }}
    where line_kind = 'accepted'
    group by source_name, _source_file, _dlt_load_id, event_hour
),

-- The newest hour of a file: where 99 % of its lines are reached, so that one line with a wrong
-- clock does not move it.
ranked_hours as (
    select
        *,
        sum(line_count) over (
            partition by source_name, _source_file, _dlt_load_id order by event_hour
        ) as lines_so_far,
        sum(line_count) over (partition by source_name, _source_file, _dlt_load_id) as lines_of_file
    from arrived_hours
),

newest_hours as (
    select source_name, _source_file, _dlt_load_id, min(event_hour) as newest_hour
    from ranked_hours
    where lines_so_far >= 0.99 * lines_of_file
    group by source_name, _source_file, _dlt_load_id
),

delays as (
    select
        ranked_hours.source_name,
        greatest(date_diff('second', ranked_hours.event_hour, newest_hours.newest_hour), 0)
            as delay_seconds,
        sum(ranked_hours.line_count) as line_count,
        max(ranked_hours.last_event_at) filter (
            ranked_hours.event_hour <= newest_hours.newest_hour
        ) as last_event_at
    from ranked_hours
    inner join newest_hours
        on
            ranked_hours.source_name = newest_hours.source_name
            and ranked_hours._source_file = newest_hours._source_file
            and ranked_hours._dlt_load_id = newest_hours._dlt_load_id
    group by
        ranked_hours.source_name,
        greatest(date_diff('second', ranked_hours.event_hour, newest_hours.newest_hour), 0)
),

shares as (
    select
        *,
        sum(line_count) over (partition by source_name order by delay_seconds)
        / sum(line_count) over (partition by source_name) as share_so_far
    from delays
),

percentiles as (
    select
        source_name,
        max(last_event_at) as newest_event_at,
        cast(sum(line_count) as bigint) as line_count,
        min(delay_seconds) filter (share_so_far >= 0.50) as delay_p50_seconds,
        min(delay_seconds) filter (share_so_far >= 0.95) as delay_p95_seconds,
        min(delay_seconds) filter (share_so_far >= 0.99) as delay_p99_seconds,
        max(delay_seconds) as delay_max_seconds
    from shares
    group by source_name
),

final as (
    select
        source_name,
        newest_event_at,
        line_count,
        delay_p50_seconds,
        delay_p95_seconds,
        delay_p99_seconds,
        delay_max_seconds,
        newest_event_at - to_seconds(delay_p99_seconds) as complete_until_at
    from percentiles
)

select * from final
