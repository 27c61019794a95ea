-- The most viewed products of the last week ($week_from_date to $to_date), with the week before.

with weeks as (
    select
        product_id,
        cast(sum(view_count) filter (activity_date >= $week_from_date) as bigint) as view_count,
        cast(sum(view_count) filter (activity_date < $week_from_date) as bigint) as before_count,
        cast(sum(cart_count) filter (activity_date >= $week_from_date) as bigint) as cart_count,
        cast(sum(unit_count) filter (activity_date >= $week_from_date) as bigint) as unit_count,
        cast(sum(revenue_amount) filter (activity_date >= $week_from_date) as double)
            as revenue_amount
    from marts.product_daily_funnel
    where activity_date between $week_before_date and $to_date
    group by product_id
)

select
    weeks.product_id,
    products.product_name,
    products.category_name,
    coalesce(weeks.view_count, 0) as view_count,
    coalesce(weeks.before_count, 0) as before_count,
    coalesce(weeks.cart_count, 0) as cart_count,
    coalesce(weeks.unit_count, 0) as unit_count,
    coalesce(weeks.revenue_amount, 0) as revenue_amount
from weeks
left join marts.products as products on weeks.product_id = products.product_id
where
    coalesce(weeks.view_count, 0) > 0
    and (
        $category is null
        or products.category_id in (
            select category_id
            from marts.categories
            where list_contains(category_ids, $category)
        )
    )
order by view_count desc, weeks.product_id
limit $top_count
