-- From view to revenue, per category and day, with all that lies under the category.
-- Grain: one row per activity_date (UTC) and category_id; products without a category are
-- `unknown`.
-- Categories of level 0 add up to the whole; an order counts once in each category it touches, so
-- purchase_count does not add up.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'activity_date',
        'publish_by': 'activity_date',
        'dates_of': 'category_dates',
    },
) }}

-- A row per product and category that it lies in, at any level.
with places as (
    select
        products.product_id,
        unnest(categories.category_ids) as category_id
    from {{ ref('products') }} as products
    inner join {{ ref('mart_categories') }} as categories
        on coalesce(products.category_id, 'unknown') = categories.category_id
),

product_daily_funnel as (
    select * from {{ ref('product_daily_funnel') }}
    where {{ in_changed_dates('activity_date', ref('category_dates')) }}
),

order_items as (
    select * from {{ ref('order_items') }}
    where {{ in_changed_dates('order_date', ref('category_dates')) }}
),

rolled_up as (
    select
        product_daily_funnel.activity_date,
        places.category_id,
        cast(sum(product_daily_funnel.view_count) as bigint) as view_count,
        cast(sum(product_daily_funnel.cart_count) as bigint) as cart_count,
        cast(sum(product_daily_funnel.checkout_count) as bigint) as checkout_count,
        cast(sum(product_daily_funnel.unit_count) as bigint) as unit_count,
        cast(sum(product_daily_funnel.revenue_amount) as decimal(18, 4)) as revenue_amount,
        cast(sum(product_daily_funnel.bot_view_count) as bigint) as bot_view_count
    from product_daily_funnel
    inner join places on product_daily_funnel.product_id = places.product_id
    group by product_daily_funnel.activity_date, places.category_id
),

ordered as (
    select
        order_items.order_date as activity_date,
        places.category_id,
        count(distinct order_items.order_id) as purchase_count
    from order_items
    inner join places on order_items.product_id = places.product_id
    group by order_items.order_date, places.category_id
),

final as (
    select
        rolled_up.activity_date,
        rolled_up.category_id,
        rolled_up.view_count,
        rolled_up.cart_count,
        rolled_up.checkout_count,
        coalesce(ordered.purchase_count, 0) as purchase_count,
        rolled_up.unit_count,
        rolled_up.revenue_amount,
        rolled_up.bot_view_count
    from rolled_up
    left join ordered
        on
            rolled_up.activity_date = ordered.activity_date
            and rolled_up.category_id = ordered.category_id
)

select * from final
