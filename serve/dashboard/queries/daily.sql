-- Each day in one row, from $from_date to $to_date. Without a channel: views by the date of the
-- view, sessions by the date on which they began, orders by the date on which they were placed.
-- Of one channel: all that its sessions brought, by the date on which they began.

select
    traffic_date as date,
    view_count,
    session_count,
    visitor_count,
    purchase_session_count,
    order_count,
    cast(revenue_amount as double) as revenue_amount
from marts.daily_traffic
where $channel is null and traffic_date between $from_date and $to_date

union all

select
    session_date as date,
    cast(sum(page_view_count) as bigint) as view_count,
    count(*) as session_count,
    count(distinct visitor_id) as visitor_count,
    count(*) filter (has_purchase) as purchase_session_count,
    cast(sum(order_count) as bigint) as order_count,
    cast(sum(revenue_amount) as double) as revenue_amount
from marts.sessions
where
    channel_group = $channel
    and session_date between $from_date and $to_date
    and (not is_bot or $counts_bots)
group by session_date
order by date
