-- What each channel brought in the period, and its sessions in the period before. By last touch.

select
    channel_group,
    count(*) filter (session_date >= $from_date) as session_count,
    count(*) filter (session_date < $from_date) as before_count,
    count(*) filter (session_date >= $from_date and is_bounce) as bounce_count,
    count(*) filter (session_date >= $from_date and has_purchase) as purchase_session_count,
    coalesce(sum(revenue_amount) filter (session_date >= $from_date), 0)::double as revenue_amount
from marts.sessions
where
    session_date between $before_from_date and $to_date
    and ($channel is null or channel_group = $channel)
    and (not is_bot or $counts_bots)
group by channel_group
having count(*) filter (session_date >= $from_date) > 0
order by session_count desc, channel_group
