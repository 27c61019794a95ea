-- Categories with their place in the tree, of any depth.
-- Grain: one row per category_id, and `unknown` for products without a category.
-- As the catalogue says now. A category that would lie under itself has no parent: the circle is
-- cut there, so that no view is lost and none is counted twice.

{{ config(alias='categories', materialized='table', tags=['analytics']) }}

with recursive categories as (
    select * from {{ ref('categories') }}
),

-- All above a category; `union` ends circles.
above as (
    select
        category_id,
        parent_category_id as ancestor_id
    from categories
    where parent_category_id is not null
    union
    select
        above.category_id,
        categories.parent_category_id as ancestor_id
    from above
    inner join categories on above.ancestor_id = categories.category_id
    where categories.parent_category_id is not null
),

circular as (
    select category_id from above
    where category_id = ancestor_id
),

placed as (
    select
        categories.category_id,
        coalesce(categories.category_name, categories.category_id) as category_name,
        case when circular.category_id is null then categories.parent_category_id end
            as parent_category_id,
        categories.is_inferred
    from categories
    left join circular on categories.category_id = circular.category_id
    union all
    select
        'unknown' as category_id,
        'unknown' as category_name,
        cast(null as varchar) as parent_category_id,
        true as is_inferred
    where 'unknown' not in (select categories.category_id from categories)
),

paths as (
    select
        category_id,
        [category_id] as category_ids,
        [category_name] as category_names
    from placed
    where parent_category_id is null
    union all
    select
        placed.category_id,
        list_append(paths.category_ids, placed.category_id) as category_ids,
        list_append(paths.category_names, placed.category_name) as category_names
    from paths
    inner join placed on paths.category_id = placed.parent_category_id
),

final as (
    select
        placed.category_id,
        placed.category_name,
        placed.parent_category_id,
        paths.category_ids[1] as top_category_id,
        paths.category_names[1] as top_category_name,
        len(paths.category_ids) - 1 as category_level,
        paths.category_ids,
        array_to_string(paths.category_names, ' > ') as category_path,
        placed.is_inferred
    from placed
    inner join paths on placed.category_id = paths.category_id
)

select * from final
