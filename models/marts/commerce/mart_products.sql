-- Products with the names and the categories that readers of the marts need.
-- Grain: one row per product_id: the catalogue's, and those only seen in events or orders.
-- As the catalogue says now: a product moved to another category takes its history along.
-- category_ids leads from the top category down to the product's own; it ends where a category
-- would come twice.

{{ config(alias='products', materialized='table') }}

with recursive products as (
    select * from {{ ref('products') }}
),

categories as (
    select * from {{ ref('categories') }}
),

paths as (
    select
        category_id,
        parent_category_id,
        [category_id] as category_ids,
        [coalesce(category_name, category_id)] as category_names
    from categories
    union all
    select
        paths.category_id,
        parents.parent_category_id,
        list_prepend(parents.category_id, paths.category_ids) as category_ids,
        list_prepend(
            coalesce(parents.category_name, parents.category_id), paths.category_names
        ) as category_names
    from paths
    inner join categories as parents
        on
            paths.parent_category_id = parents.category_id
            and not list_contains(paths.category_ids, parents.category_id)
),

longest_paths as (
    select
        category_id,
        max_by(category_ids, len(category_ids)) as category_ids,
        max_by(category_names, len(category_ids)) as category_names
    from paths
    group by category_id
),

final as (
    select
        products.product_id,
        products.product_name,
        products.sku,
        products.category_id,
        longest_paths.category_ids,
        longest_paths.category_names,
        products.price_amount,
        products.currency,
        products.is_active,
        products.is_inferred
    from products
    left join longest_paths on products.category_id = longest_paths.category_id
)

select * from final
