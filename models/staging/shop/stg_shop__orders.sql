-- Order versions as the API returned them: parsed, cast and named.
-- Grain: one row per returned record (_dlt_load_id, _source_file, _source_line); an order that
-- changed has several.

{%- set fields = declared_fields('shop', 'orders') %}

with records as (
    {{ new_rows('shop', 'orders') }}
),

documents as (
    select
        _source_file,
        _source_line,
        _dlt_load_id,
        {{ parse_json('payload', fields) }} as document
    from records
),

named as (
    select
        _source_file,
        _source_line,
        _dlt_load_id,
        document is null as is_invalid_json,
        {{ null_if_blank(json_field('document', fields, 'order_id')) }} as order_id,
        {{ null_if_blank(json_field('document', fields, 'user_id')) }} as user_id,
        {{ null_if_blank(json_field('document', fields, 'status')) }} as status,
        {{ null_if_blank(json_field('document', fields, 'currency')) }} as currency,
        {{ json_field('document', fields, 'total') }} as total_text,
        {{ parse_timestamp(json_field('document', fields, 'created_at')) }} as created_at,
        {{ parse_timestamp(json_field('document', fields, 'updated_at')) }} as changed_at
    from documents
),

typed as (
    select
        *,
        {{ timestamp_in_range('created_at') }} as ordered_at,
        {{ timestamp_in_range('changed_at') }} as updated_at
    from named
),

final as (
    select
        order_id,
        user_id,
        status,
        currency,
        try_cast(total_text as decimal(18, 4)) as total_amount,
        ordered_at,
        cast(ordered_at as date) as order_date,
        coalesce(updated_at, ordered_at) as updated_at,
        {{ reasons({
            'invalid_json': 'is_invalid_json',
            'missing_order_id': 'order_id is null and not is_invalid_json',
            'invalid_timestamp': 'ordered_at is null and not is_invalid_json',
        }) }} as reject_reasons,
        _source_file,
        _source_line,
        _dlt_load_id
    from typed
)

select * from final
