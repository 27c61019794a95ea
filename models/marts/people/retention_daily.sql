-- How many of the visitors who came first on a date come again, day by day.
-- Grain: one row per cohort_date (first session date of the visitors) and day_number (0 is the
-- cohort itself).
-- Days without a returning visitor have no row. Up to var retention_days.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'activity_date',
        'publish_by': 'activity_date',
        'dates_of': 'attribution_dates',
    },
) }}

with sessions as (
    select * from {{ ref('session_attribution') }}
    where {{ in_changed_dates('session_date', ref('attribution_dates')) }}
),

final as (
    select
        visitor_first_date as cohort_date,
        date_diff('day', visitor_first_date, session_date) as day_number,
        session_date as activity_date,
        count(distinct visitor_id) as visitor_count
    from sessions
    where date_diff('day', visitor_first_date, session_date) <= {{ var('retention_days') }}
    group by visitor_first_date, session_date
)

select * from final
