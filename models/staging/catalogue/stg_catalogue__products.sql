-- Product records of the catalogue files: cast and named.
-- Grain: one row per record of a file (_dlt_load_id, _source_file, _source_line); a product may
-- stand in several.

with records as (
    {{ new_rows('catalogue', 'products') }}
),

final as (
    select
        {{ valid_product_id('trim(product_id)') }} as product_id,
        {{ null_if_blank('name') }} as product_name,
        {{ null_if_blank('category_id') }} as category_id,
        {{ null_if_blank('sku') }} as sku,
        try_cast(price as decimal(18, 4)) as price_amount,
        {{ null_if_blank('currency') }} as currency,
        try_cast(is_active as boolean) as is_active,
        {{ reasons({
            'missing_product_id': null_if_blank('product_id') ~ ' is null',
            'invalid_product_id':
                null_if_blank('product_id') ~ ' is not null and '
                ~ valid_product_id('trim(product_id)') ~ ' is null',
            'invalid_price':
                null_if_blank('price') ~ ' is not null and try_cast(price as decimal(18, 4)) is null',
            'negative_price': 'try_cast(price as decimal(18, 4)) < 0',
        }) }} as reject_reasons,
        _source_file,
        _source_line,
        _dlt_load_id
    from records
)

select * from final
