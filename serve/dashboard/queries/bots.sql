-- Sessions and page views of bots in the period, by kind of bot.

select
    bot_category,
    string_agg(distinct bot_name, ', ' order by bot_name) as bot_names,
    cast(sum(session_count) as bigint) as session_count,
    cast(sum(bot_view_count) as bigint) as view_count
from marts.daily_bots
where view_date between $from_date and $to_date
group by bot_category
order by view_count desc, bot_category
