-- Views, carts, units and revenue of a category with all below it per day; of all products without
-- one: the categories of level 0 add up to the whole.

select
    activity_date as date,
    cast(sum(view_count) as bigint) as view_count,
    cast(sum(cart_count) as bigint) as cart_count,
    cast(sum(unit_count) as bigint) as unit_count,
    cast(sum(revenue_amount) as double) as revenue_amount
from marts.daily_categories
where
    activity_date between $from_date and $to_date
    and (
        category_id = $category
        or (
            $category is null
            and category_id in (select category_id from marts.categories where category_level = 0)
        )
    )
group by activity_date
order by activity_date
