-- The most viewed pages of the last week ($week_from_date to $to_date), with the week before.

select
    page_path,
    coalesce(sum(view_count) filter (view_date >= $week_from_date), 0)::bigint as view_count,
    coalesce(sum(view_count) filter (view_date < $week_from_date), 0)::bigint as before_count
from marts.daily_page_views
where view_date between $week_before_date and $to_date
group by page_path
having coalesce(sum(view_count) filter (view_date >= $week_from_date), 0) > 0
order by view_count desc, page_path
limit $top_count
