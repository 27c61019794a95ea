-- What is published: from when to when, up to when completely, in which currencies.
-- A date is complete when the watermark of every source of events has passed its end.
-- counts_bots: whether bots count like people (var exclude_bots off); session_attribution then
-- holds them too.

select
    (select min(traffic_date) from marts.daily_traffic) as first_date,
    (select max(traffic_date) from marts.daily_traffic) as last_date,
    (select cast(min(complete_until_at) as date) - 1 from operations.watermarks) as complete_date,
    (select list(distinct currency order by currency) from marts.daily_orders) as currencies,
    exists (
        select 1
        from marts.session_attribution
        where session_id = (select min(session_id) from marts.sessions where is_bot)
    ) as counts_bots
