-- Product categories and their hierarchy; a category that is only named by a product is an inferred
-- member.
-- Grain: one row per category_id.

{{ config(materialized='table') }}

with catalogue_categories as (
    select * from {{ ref('stg_catalogue__categories') }}
    where reject_reasons is null
    qualify
        row_number() over (
            partition by category_id
            order by _source_file desc, _dlt_load_id desc, _source_line desc
        ) = 1
),

named_categories as (
    select category_id from {{ ref('stg_catalogue__products') }}
    where reject_reasons is null and category_id is not null
    union
    select parent_category_id from catalogue_categories
    where parent_category_id is not null
),

final as (
    select
        coalesce(catalogue_categories.category_id, named_categories.category_id) as category_id,
        catalogue_categories.parent_category_id,
        catalogue_categories.category_name,
        catalogue_categories.category_id is null as is_inferred
    from catalogue_categories
    full outer join named_categories
        on catalogue_categories.category_id = named_categories.category_id
)

select * from final
