-- What each file of an event source brought, hour by hour: the small table behind accounting,
-- lateness and dates.
-- Grain: one row per source, load, file, hour of the event (null for lines that are no event) and
-- kind of line.
-- Repeats are not known here: a line counts as accepted by itself.

{{ config(
    materialized='incremental',
    incremental_strategy='by_arrival',
    post_hook=["{{ record_arrivals() }}"],
    meta={'arrivals_of': 'event_sources'},
) }}

with lines as (
    select
        *,
        case
            when is_blank then 'blank'
            when reject_reasons is not null then 'rejected'
            else 'accepted'
        end as line_kind
    from ({{ event_rows() }}) as event_rows
    {% if is_incremental() -%}
    where {{ in_arrivals(changed_arrivals(arrivals_upstream()), 'is_new') }}
    {%- endif %}
),

final as (
    select
        source_name,
        case when line_kind = 'accepted' then date_trunc('hour', event_at) end as event_hour,
        case when line_kind = 'accepted' then event_date end as event_date,
        line_kind,
        count(*) as line_count,
        count(*) filter (user_id is null) as missing_user_count,
        count(*) filter (session_id is null) as missing_session_count,
        count(*) filter (user_id is null and session_id is null) as missing_visitor_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        _source_file,
        _dlt_load_id
    from lines
    group by all
)

select * from final
