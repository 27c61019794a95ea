-- Every accepted line that repeats no earlier one, with the session id that the source gave it.
-- Grain: one row per event (source_name, event_id).
-- A view: an event is stored once, in staging; repeats are few and are taken out when it is read.
-- A number stands for a line's arrival: DuckDB holds all repeats in memory meanwhile, and texts
-- would take five times as much.

{{ config(materialized='view') }}

with lines as (
    select * from ({{ event_rows() }}) as event_rows
    where not is_blank and reject_reasons is null
),

repeats as (
    select * from {{ ref('event_repeats') }}
),

final as (
    select
        lines.source_name,
        lines.event_id,
        lines.event_key,
        lines.event_at,
        lines.event_date,
        lines.action,
        lines.user_id,
        lines.session_id,
        lines.page_path,
        lines.page_query,
        lines.has_product,
        lines.product_id,
        lines.referrer,
        lines.user_agent,
        lines.ip_address,
        lines.order_id,
        lines.order_amount,
        lines._source_file,
        lines._source_line,
        lines._dlt_load_id
    from lines
    anti join repeats
        on
            lines.event_key = repeats.event_key
            and lines._source_line = repeats._source_line
            and {{ arrival_key('lines') }} = {{ arrival_key('repeats') }}
)

select * from final
