-- How many of the visitors who came first in a week come again, week by week.
-- Grain: one row per cohort_week (Monday of the week of the first session) and week_number (0 is
-- the cohort itself).
-- Weeks without a returning visitor have no row. Up to var retention_weeks.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'activity_week',
        'publish_by': 'activity_week',
        'dates_of': 'attribution_weeks',
    },
) }}

with sessions as (
    select
        *,
        cast(date_trunc('week', session_date) as date) as activity_week,
        cast(date_trunc('week', visitor_first_date) as date) as cohort_week
    from {{ ref('session_attribution') }}
    where
        {{ in_changed_dates(
            "cast(date_trunc('week', session_date) as date)", ref('attribution_weeks')
        ) }}
),

final as (
    select
        cohort_week,
        date_diff('day', cohort_week, activity_week) // 7 as week_number,
        activity_week,
        count(distinct visitor_id) as visitor_count
    from sessions
    where date_diff('day', cohort_week, activity_week) // 7 <= {{ var('retention_weeks') }}
    group by cohort_week, activity_week
)

select * from final
