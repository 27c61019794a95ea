-- Every accepted line that repeats no earlier one, with the session id that the source gave it.
-- Grain: one row per event (source_name, event_id).
-- A view: an event is stored once, in staging; repeats are few and are taken out when it is read.

{{ config(materialized='view') }}

with lines as (
    select * from ({{ event_rows() }}) as event_rows
    where not is_blank and reject_reasons is null
),

repeats as (
    select * from {{ ref('event_repeats') }}
),

final as (
    select lines.* exclude (is_blank, reject_reasons)
    from lines
    anti join repeats
        on
            lines.event_key = repeats.event_key
            and lines._source_line = repeats._source_line
            and lines._source_file = repeats._source_file
            and lines._dlt_load_id = repeats._dlt_load_id
            and lines.source_name = repeats.source_name
)

select * from final
