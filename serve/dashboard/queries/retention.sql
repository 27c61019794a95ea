-- Of the visitors who came first in a week, how many came again so many weeks later: the last
-- $cohort_count weeks that are over on $complete_date. A week without a returning visitor is a 0.

with cohorts as (
    select
        cohort_week,
        visitor_count as cohort_count
    from marts.retention_weekly
    where week_number = 0 and cohort_week + 6 <= $complete_date
    order by cohort_week desc
    limit $cohort_count
),

grid as (
    select
        cohorts.cohort_week,
        cohorts.cohort_count,
        cast(unnest(range(1, $cohort_count)) as bigint) as week_number
    from cohorts
)

select
    grid.cohort_week,
    grid.cohort_count,
    grid.week_number,
    coalesce(retention.visitor_count, 0) as visitor_count
from grid
left join marts.retention_weekly as retention
    on
        grid.cohort_week = retention.cohort_week
        and grid.week_number = retention.week_number
where grid.cohort_week + cast(7 * grid.week_number + 6 as integer) <= $complete_date
order by grid.cohort_week, grid.week_number
