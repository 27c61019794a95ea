-- Every product view that counts came from somewhere: on each new date the views of
-- daily_product_origins add up to those of daily_product_page_views.

with origins as (
    select
        view_date,
        sum(product_view_count) as view_count
    from {{ ref('daily_product_origins') }}
    where view_date in ({{ new_dates('traffic_dates') }})
    group by view_date
),

products as (
    select
        view_date,
        sum(view_count) as view_count
    from {{ ref('daily_product_page_views') }}
    where view_date in ({{ new_dates('traffic_dates') }})
    group by view_date
),

validation_errors as (
    select
        coalesce(origins.view_date, products.view_date) as view_date,
        origins.view_count as origin_view_count,
        products.view_count
    from origins
    full outer join products on origins.view_date = products.view_date
    where coalesce(origins.view_count, 0) <> coalesce(products.view_count, 0)
)

select * from validation_errors
