-- Every accepted line that repeats no earlier one, with the session id that the source gave it.
-- Grain: one row per event (source_name, event_id).
-- A view: an event is stored once, in staging; repeats are few and are taken out when it is read.
-- Not an anti join: what a reader asks of dates by constants DuckDB then asks of the repeats, too,
-- and holds in memory those of the few dates that are read, not those of a year.
-- A number stands for a line's arrival: DuckDB holds the repeats in memory meanwhile, and texts
-- would take five times as much.

{{ config(materialized='view') }}

-- Its test looks at the dates of new arrivals:
-- depends_on: {{ ref('event_arrivals') }}

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
    left join repeats
        on
            lines.event_date = repeats.event_date
            and lines.event_key = repeats.event_key
            and lines._source_line = repeats._source_line
            and {{ arrival_key('lines') }} = {{ arrival_key('repeats') }}
    where repeats.event_key is null
)

select * from final
