-- Page views of people and of bots per day.

select
    view_date as date,
    page_view_count - bot_view_count as view_count,
    bot_view_count
from operations.page_view_accounting
where view_date between $from_date and $to_date
order by view_date
