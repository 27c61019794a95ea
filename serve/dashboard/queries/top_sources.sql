-- The sources that brought most sessions in the period.

select
    source,
    medium,
    channel_group,
    cast(sum(session_count) as bigint) as session_count,
    cast(sum(revenue_amount) as double) as revenue_amount
from marts.daily_channels
where
    session_date between $from_date and $to_date
    and ($channel is null or channel_group = $channel)
group by source, medium, channel_group
order by session_count desc, source, medium, channel_group
limit $top_count
