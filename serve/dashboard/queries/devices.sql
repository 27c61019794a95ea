-- On what the sessions of the period came.

select
    device_type,
    count(*) as session_count,
    count(*) filter (is_bounce) as bounce_count,
    count(*) filter (has_purchase) as purchase_session_count,
    cast(sum(revenue_amount) as double) as revenue_amount
from marts.sessions
where
    session_date between $from_date and $to_date
    and ($channel is null or channel_group = $channel)
    and (not is_bot or $counts_bots)
group by device_type
order by session_count desc, device_type
