-- Products with the names that readers of the marts need.
-- Grain: one row per product_id: the catalogue's, and those only seen in events or orders.
-- As the catalogue says now: a product moved to another category takes its history along, as in
-- daily_categories. A product without a category is in `unknown`.

{{ config(alias='products', materialized='table', tags=['analytics']) }}

with products as (
    select * from {{ ref('products') }}
),

categories as (
    select * from {{ ref('mart_categories') }}
),

final as (
    select
        products.product_id,
        products.product_name,
        products.sku,
        categories.category_id,
        categories.category_name,
        categories.category_path,
        products.price_amount,
        products.currency,
        products.is_active,
        products.is_inferred
    from products
    inner join categories
        on coalesce(products.category_id, 'unknown') = categories.category_id
)

select * from final
