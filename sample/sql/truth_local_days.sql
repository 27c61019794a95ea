-- What is true about days in UTC and in Berlin: there it is an hour later than in UTC, and two hours
-- from the last Sunday of March, 1:00 UTC, to the last Sunday of October.
create macro last_sunday(year, month) as
    make_date(year, month, 31) - cast(dayofweek(make_date(year, month, 31)) as integer);

create macro one_o_clock_ms(day) as epoch_ms(cast(day as timestamp)) + 3600000;

create macro hours_ahead(time_zone, ms) as
    case
        when time_zone = 'UTC' then 0
        when ms < one_o_clock_ms(last_sunday(year(epoch_ms(ms)), 3)) then 1
        when ms < one_o_clock_ms(last_sunday(year(epoch_ms(ms)), 10)) then 2
        else 1
    end;

create macro local_day(time_zone, ms) as
    cast(epoch_ms(ms + hours_ahead(time_zone, ms) * 3600000) as date);

create table time_zones as
select unnest(['UTC', 'Europe/Berlin']) as time_zone;

create table local_daily_product_page_views as
select
    time_zone,
    local_day(time_zone, line_ms) as local_date,
    page_number(page) as product_id,
    count(*) filter (where not is_bot) as view_count,
    count(distinct session_no) filter (where not is_bot) as session_count,
    count(distinct visitor) filter (where not is_bot) as visitor_count,
    count(*) filter (where is_bot) as bot_view_count,
from kept_views
cross join time_zones
where page_kind(page) = 3
group by all
order by all;

create table local_daily_traffic as
with
viewed as (
    select
        time_zone,
        local_day(time_zone, line_ms) as local_date,
        count(*) filter (where not is_bot) as view_count,
        count(*) filter (where is_bot) as bot_view_count,
    from kept_views
    cross join time_zones
    group by all
),
visited as (
    select
        time_zone,
        local_day(time_zone, first_ms) as local_date,
        count(*) as session_count,
        count(distinct visitor) as visitor_count,
    from session_facts
    cross join time_zones
    where not is_bot
    group by all
),
ordered as (
    select
        time_zone,
        local_day(time_zone, order_versions.created_second * 1000) as local_date,
        count(distinct order_versions.order_no) as order_count,
        sum(sold_items.quantity) as unit_count,
        sum(sold_items.quantity * sold_items.unit_cents) as revenue_cents,
    from order_versions
    inner join sold_items using (order_no)
    cross join time_zones
    where order_versions.version = 1 and sold_items.rejection is null
    group by all
)
select
    time_zone,
    local_date,
    coalesce(columns(* exclude (time_zone, local_date, revenue_cents)), 0),
    money(coalesce(revenue_cents, 0)) as revenue,
from viewed
full outer join visited using (time_zone, local_date)
full outer join ordered using (time_zone, local_date)
order by time_zone, local_date;
