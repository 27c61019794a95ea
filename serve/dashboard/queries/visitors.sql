-- Different visitors of the period, and of the period before. They do not add up from days.

select
    count(distinct visitor_id) filter (session_date >= $from_date) as visitor_count,
    count(distinct visitor_id) filter (session_date < $from_date) as before_count
from marts.sessions
where
    session_date between $before_from_date and $to_date
    and ($channel is null or channel_group = $channel)
    and (not is_bot or $counts_bots)
