-- Products: those of the catalogue, and those only seen in events or orders (inferred members), so
-- that no view is lost.
-- Grain: one row per product_id.

{{ config(materialized='table') }}

with catalogue_products as (
    select * from {{ ref('stg_catalogue__products') }}
    where reject_reasons is null
    qualify
        row_number() over (
            partition by product_id order by _source_file desc, _dlt_load_id desc, _source_line desc
        ) = 1
),

seen_products as (
    select product_id from {{ ref('product_days') }}
    union
    select product_id from {{ ref('order_items') }}
),

final as (
    select
        coalesce(catalogue_products.product_id, seen_products.product_id) as product_id,
        catalogue_products.product_id is null as is_inferred,
        catalogue_products.product_name,
        catalogue_products.category_id,
        catalogue_products.sku,
        catalogue_products.price_amount,
        catalogue_products.currency,
        catalogue_products.is_active
    from catalogue_products
    full outer join seen_products on catalogue_products.product_id = seen_products.product_id
)

select * from final
