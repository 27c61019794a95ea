-- What is true about whole days.
create table daily_traffic as
with
viewed as (
    select
        event_date as traffic_date,
        count(*) filter (where not is_bot) as view_count,
        count(*) filter (where is_bot) as bot_view_count,
    from kept_views
    group by event_date
),
visited as (
    select
        session_date as traffic_date,
        count(*) as session_count,
        count(distinct visitor) as visitor_count,
        sum(engaged_seconds) as engaged_seconds,
        count(*) filter (where is_bounce) as bounce_count,
        count(product_view_ms) as product_session_count,
        count(*) filter (where has_cart) as cart_session_count,
        count(*) filter (where has_checkout) as checkout_session_count,
        count(*) filter (where has_purchase) as purchase_session_count,
    from session_facts
    where not is_bot
    group by session_date
),
ordered as (
    select
        cast(epoch_ms(created_second * 1000) as date) as traffic_date,
        count(distinct order_no) as order_count,
    from order_versions
    group by traffic_date
),
sold as (
    select order_date as traffic_date, unit_count, revenue
    from daily_orders
)
select
    traffic_date,
    coalesce(columns(* exclude (traffic_date, revenue)), 0),
    coalesce(revenue, money(0)) as revenue,
from viewed
full outer join visited using (traffic_date)
full outer join ordered using (traffic_date)
full outer join sold using (traffic_date)
order by traffic_date;

create table daily_devices as
select
    session_date,
    device.device_type,
    device.os,
    device.browser,
    count(*) as session_count,
    count(distinct visitor) as visitor_count,
    sum(page_view_count) as view_count,
    count(*) filter (where has_purchase) as purchase_session_count,
    sum(order_count) as order_count,
    money(sum(revenue_cents)) as revenue,
from (
    select
        *,
        device_of(pick_from(getvariable('human_agents'), session_no, 78)) as device,
    from session_facts
    where not is_bot
)
group by all
order by all;

create table daily_bots as
select
    event_date as view_date,
    bot.name as bot_name,
    bot.category as bot_category,
    count(distinct session_no) as session_count,
    count(*) as event_count,
    count(*) filter (where action = 'page_view') as bot_view_count,
from (
    select
        *,
        bot_of(pick_from(getvariable('bot_agents'), session_no, 78)) as bot,
    from kept
    where is_bot
)
group by all
order by all;

create table daily_carts as
select
    session_date,
    origin.channel_group as channel_group,
    device_of(pick_from(getvariable('human_agents'), session_no, 78)).device_type as device_type,
    count(*) filter (where has_cart) as cart_session_count,
    count(*) filter (where has_checkout) as checkout_session_count,
    count(*) filter (where has_purchase) as purchase_session_count,
    count(*) filter (where has_cart and not has_purchase) as abandoned_cart_count,
    count(*) filter (where has_checkout and not has_purchase) as abandoned_checkout_count,
from session_facts
where not is_bot and has_goal
group by all
order by all;

create table daily_purchase_delays as
select
    session_date,
    len(delays) as session_count,
    list_sum(delays) as delay_seconds,
    delays[1] as shortest_delay_seconds,
    delays[(len(delays) + 1) // 2] as median_delay_seconds,
    delays[(9 * len(delays) + 9) // 10] as slow_delay_seconds,
    delays[-1] as longest_delay_seconds,
from (
    select
        session_date,
        list_sort(list((purchase_ms - product_view_ms) // 1000)) as delays,
    from session_facts
    where not is_bot and purchase_ms >= product_view_ms
    group by session_date
)
order by session_date;
