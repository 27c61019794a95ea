-- Web events of the shop, one JSON document a line: parsed, cast and named.
-- Grain: one row per physical line of a log file (_dlt_load_id, _source_file, _source_line).
-- Nothing is dropped: rejected lines carry every reason, blank lines their status.

{%- set fields = declared_fields('clickstream', 'events') %}

with source_lines as (
    {{ new_rows('clickstream', 'events') }}
),

documents as (
    select
        *,
        {{ is_too_long('payload') }} as is_too_long,
        case when not {{ is_too_long('payload') }} then {{ parse_json(without_bom('payload'), fields) }} end as document
    from source_lines
),

named as (
    select
        _source_file,
        _source_line,
        _dlt_load_id,
        _payload_bytes is not null as is_invalid_utf8,
        is_too_long,
        -- the text is looked at again only where it is no event anyway: most lines never pay for it
        case when document is null and not is_too_long then {{ is_blank_line('payload') }} else false end
            as is_blank,
        case when document is null and not is_too_long then not {{ is_json_null('payload') }} else false end
            as is_invalid_json,
        case
            when document is null then false
            when {{ json_field('document', fields, 'event_id') }} is null then {{ is_json_object('payload') }}
            else true
        end as is_object,
        {{ null_if_blank(json_field('document', fields, 'event_id')) }} as event_id,
        {{ json_field('document', fields, 'timestamp') }} as timestamp_text,
        {{ null_if_blank(json_field('document', fields, 'user_id')) }} as user_id,
        {{ null_if_blank(json_field('document', fields, 'session_id')) }} as session_id,
        {{ null_if_blank(json_field('document', fields, 'action')) }} as action,
        {{ null_if_blank(json_field('document', fields, 'page')) }} as page,
        {{ null_if_blank(json_field('document', fields, 'referrer')) }} as referrer,
        {{ null_if_blank(json_field('document', fields, 'user_agent')) }} as user_agent,
        {{ null_if_blank(json_field('document', fields, 'ip')) }} as ip_address,
        {{ null_if_blank(json_field('document', fields, 'product_id')) }} as named_product_id,
        {{ json_field('document', fields, 'properties') }} as properties
    from documents
),

typed as (
    select
        *,
        {{ event_key('event_id') }} as event_key,
        {{ parse_timestamp('timestamp_text') }} as parsed_at,
        {{ page_path('page') }} as page_path,
        {{ page_query('page') }} as page_query
    from named
),

checked as (
    select
        *,
        {{ timestamp_in_range('parsed_at') }} as event_at,
        {{ product_id_from_path('page_path') }} as path_product_id
    from typed
),

attributed as (
    select
        *,
        coalesce(
            path_product_id,
            named_product_id,
            {{ json_text('properties', 'product_id') }}
        ) as product_id_text
    from checked
),

final as (
    select
        event_id,
        event_key,
        event_at,
        cast(event_at as date) as event_date,
        action,
        user_id,
        session_id,
        page_path,
        page_query,
        product_id_text is not null as has_product,
        {{ valid_product_id('product_id_text') }} as product_id,
        referrer,
        user_agent,
        ip_address,
        case when action = 'purchase' then {{ json_text('properties', 'order_id') }} end as order_id,
        case when action = 'purchase' then try_cast({{ json_text('properties', 'revenue') }} as decimal(18, 4)) end
            as order_amount,
        case
            when not is_blank then {{ reasons({
                'invalid_utf8': 'is_invalid_utf8',
                'line_too_long': 'is_too_long',
                'invalid_json': 'is_invalid_json',
                'not_an_object': 'not is_object and not is_invalid_json and not is_too_long',
                'missing_event_id': 'event_id is null and is_object',
                'invalid_timestamp': 'event_at is null and is_object',
                'missing_action': 'action is null and is_object',
                'missing_page': 'page is null and is_object and ' ~ page_is_required('action'),
            }) }}
        end as reject_reasons,
        is_blank,
        _source_file,
        _source_line,
        _dlt_load_id
    from attributed
)

select * from final
