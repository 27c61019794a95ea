-- Items of order versions: taken out of the order, cast and named.
-- Grain: one row per item of a returned record (_dlt_load_id, _source_file, _source_line,
-- item_number).

{%- set item_lists = [] %}
{%- for name in declared_fields('shop', 'orders').get('items', ['items']) %}
{%- do item_lists.append("nullif(json_extract(payload, '$.\"" ~ name ~ "\"[*]'), [])") %}
{%- endfor %}

with records as (
    {{ new_rows('shop', 'orders') }}
),

listed as (
    select
        _source_file,
        _source_line,
        _dlt_load_id,
        coalesce({{ item_lists | join(', ') }}) as order_items
    from records
    where {{ is_strict_json('payload') }}
),

items as (
    select
        _source_file,
        _source_line,
        _dlt_load_id,
        unnest(order_items) as item,
        generate_subscripts(order_items, 1) as item_number
    from listed
),

named as (
    select
        *,
        item ->> '$.product_id' as product_id_text,
        item ->> '$.quantity' as quantity_text,
        item ->> '$.unit_price' as unit_price_text
    from items
),

final as (
    select
        item_number,
        {{ valid_product_id('product_id_text') }} as product_id,
        try_cast(quantity_text as integer) as quantity,
        try_cast(unit_price_text as decimal(18, 4)) as unit_price_amount,
        {{ reasons({
            'invalid_product_id': valid_product_id('product_id_text') ~ ' is null',
            'invalid_quantity': 'try_cast(quantity_text as integer) is null',
            'non_positive_quantity': 'try_cast(quantity_text as integer) <= 0',
            'invalid_price': 'try_cast(unit_price_text as decimal(18, 4)) is null',
            'negative_price': 'try_cast(unit_price_text as decimal(18, 4)) < 0',
        }) }} as reject_reasons,
        _source_file,
        _source_line,
        _dlt_load_id
    from named
)

select * from final
