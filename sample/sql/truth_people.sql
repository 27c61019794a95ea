-- What is true about people over time, and how far sessions get; without bots.
create table visits_of_people as
select
    visitor,
    session_date,
    min(session_date) over (partition by visitor) as first_date,
from session_facts
where not is_bot;

create table daily_visitors as
select
    session_date,
    count(distinct visitor) as visitor_count,
    count(distinct visitor) filter (where session_date = first_date) as new_visitor_count,
    count(*) as session_count,
from visits_of_people
group by session_date
order by session_date;

create table retention_daily as
select
    first_date as cohort_date,
    session_date - first_date as day_number,
    count(distinct visitor) as visitor_count,
from visits_of_people
where session_date - first_date <= 30
group by all
order by all;

create table retention_weekly as
select
    cast(date_trunc('week', first_date) as date) as cohort_week,
    -- date_diff('week', …) counts no Monday between a Sunday and the next day.
    (cast(date_trunc('week', session_date) as date) - cohort_week) // 7 as week_number,
    count(distinct visitor) as visitor_count,
from visits_of_people
group by all
order by all;

-- When a session took each step: the first time after the step before. No session lasts a day.
create table funnel_times as
with
moments as (
    select
        session_no,
        line_ms,
        case
            when action = 'page_view' and page_kind(page) in (3, 9) then 'view'
            when action = 'search' then 'search'
            when action = 'add_to_cart' then 'cart'
            when action = 'begin_checkout' then 'checkout'
            when action = 'purchase' then 'purchase'
        end as what,
    from lines
    where outcome = 'event' and not is_bot
),
listed as (
    select
        session_no,
        list(line_ms) filter (where what = 'view') as views,
        list(line_ms) filter (where what = 'search') as searches,
        list(line_ms) filter (where what = 'cart') as carts,
        list(line_ms) filter (where what = 'checkout') as checkouts,
        list(line_ms) filter (where what = 'purchase') as purchases,
    from moments
    group by session_no
)
select
    session_no,
    'purchase' as funnel_id,
    list_sort(views)[1] as step_1,
    first_after(carts, step_1) as step_2,
    first_after(checkouts, step_2) as step_3,
    first_after(purchases, step_3) as step_4,
from listed
union all
select
    session_no,
    'search',
    list_sort(searches)[1] as step_1,
    first_after(views, step_1) as step_2,
    first_after(carts, step_2) as step_3,
    first_after(purchases, step_3) as step_4,
from listed;

create table funnel_steps_daily as
select
    session_date,
    funnel_id,
    step_number,
    count(*) as session_count,
from (
    select
        session_no,
        funnel_id,
        unnest([1, 2, 3, 4]) as step_number,
        unnest([step_1, step_2, step_3, step_4]) as step_ms,
    from funnel_times
)
inner join session_facts using (session_no)
where step_ms is not null
group by all
order by all;
