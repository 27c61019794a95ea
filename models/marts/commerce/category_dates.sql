-- The dates on which products were seen or ordered, with a version that also changes when one of
-- these products moves in the tree of categories.
-- Grain: one row per UTC date (event_date).
-- A product that is new in the catalogue changes no date on which it was not seen.

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

with commerce_dates as (
    select * from {{ ref('commerce_dates') }}
),

places as (
    select
        products.product_id,
        {{ event_key(
            "concat_ws('|', products.product_id, array_to_string(categories.category_ids, '/'))"
        ) }} as place
    from {{ ref('products') }} as products
    inner join {{ ref('mart_categories') }} as categories
        on coalesce(products.category_id, 'unknown') = categories.category_id
),

-- Sums of hashes: the same whatever the order of rows.
places_of_dates as (
    select
        product_daily_funnel.activity_date as event_date,
        sum(cast(places.place as hugeint)) as places
    from {{ ref('product_daily_funnel') }} as product_daily_funnel
    inner join places on product_daily_funnel.product_id = places.product_id
    group by product_daily_funnel.activity_date
),

final as (
    select
        commerce_dates.event_date,
        md5(concat_ws('|', commerce_dates.version, coalesce(places_of_dates.places, 0))) as version
    from commerce_dates
    left join places_of_dates on commerce_dates.event_date = places_of_dates.event_date
)

select * from final
