-- How far the sessions of the period got in each funnel.

select
    funnel_id,
    step_number,
    step_name,
    cast(sum(session_count) as bigint) as session_count
from marts.funnel_steps_daily
where session_date between $from_date and $to_date
group by funnel_id, step_number, step_name
order by funnel_id, step_number
