-- Sessions per day and channel.

select
    session_date as date,
    channel_group,
    cast(sum(session_count) as bigint) as session_count
from marts.daily_channels
where
    session_date between $from_date and $to_date
    and ($channel is null or channel_group = $channel)
group by session_date, channel_group
order by session_date, channel_group
