-- Category records of the catalogue files: cast and named.
-- Grain: one row per record of a file (_dlt_load_id, _source_file, _source_line).

with records as (
    {{ new_rows('catalogue', 'categories') }}
),

final as (
    select
        {{ null_if_blank('category_id') }} as category_id,
        {{ null_if_blank('parent_category_id') }} as parent_category_id,
        {{ null_if_blank('name') }} as category_name,
        {{ reasons({'missing_category_id': null_if_blank('category_id') ~ ' is null'}) }} as reject_reasons,
        _source_file,
        _source_line,
        _dlt_load_id
    from records
)

select * from final
