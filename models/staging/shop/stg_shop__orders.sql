-- Order versions as the API returned them: parsed, cast and named.
-- Grain: one row per returned record (_dlt_load_id, _source_file, _source_line); an order that changed has several.

with records as (
    {{ new_rows('shop', 'orders') }}
),

documents as (
    select
        _source_file,
        _source_line,
        _dlt_load_id,
        {{ parse_json('payload', ['order_id', 'user_id', 'status', 'currency', 'total', 'created_at', 'updated_at']) }} as document
    from records
),

typed as (
    select
        *,
        {{ parse_timestamp('document.created_at') }} as created_at,
        {{ parse_timestamp('document.updated_at') }} as changed_at
    from documents
),

final as (
    select
        {{ null_if_blank('document.order_id') }} as order_id,
        {{ null_if_blank('document.user_id') }} as user_id,
        {{ null_if_blank('document.status') }} as status,
        {{ null_if_blank('document.currency') }} as currency,
        try_cast(document.total as decimal(18, 4)) as total_amount,
        {{ timestamp_in_range('created_at') }} as ordered_at,
        cast({{ timestamp_in_range('created_at') }} as date) as order_date,
        coalesce({{ timestamp_in_range('changed_at') }}, {{ timestamp_in_range('created_at') }}) as updated_at,
        {{ reasons({
            'invalid_json': 'document is null',
            'missing_order_id': 'document is not null and ' ~ null_if_blank('document.order_id') ~ ' is null',
            'invalid_timestamp': 'document is not null and ' ~ timestamp_in_range('created_at') ~ ' is null',
        }) }} as reject_reasons,
        _source_file,
        _source_line,
        _dlt_load_id
    from typed
)

select * from final
