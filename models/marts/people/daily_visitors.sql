-- New and returning visitors per day.
-- Grain: one row per session_date (UTC).
-- New: the visitor's first session began on this date. A guest who logs in later counts as the
-- user.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'session_date',
        'publish_by': 'session_date',
        'dates_of': 'attribution_dates',
    },
) }}

with sessions as (
    select * from {{ ref('session_attribution') }}
    where {{ in_changed_dates('session_date', ref('attribution_dates')) }}
),

final as (
    select
        session_date,
        count(distinct visitor_id) as visitor_count,
        count(distinct visitor_id) filter (visitor_first_date = session_date) as new_visitor_count,
        count(distinct visitor_id) filter (visitor_first_date < session_date)
            as returning_visitor_count,
        count(*) as session_count
    from sessions
    group by session_date
)

select * from final
