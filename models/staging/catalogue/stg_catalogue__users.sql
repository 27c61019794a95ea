-- User records of the catalogue files: cast and named.
-- Grain: one row per record of a file (_dlt_load_id, _source_file, _source_line).

with records as (
    {{ new_rows('catalogue', 'users') }}
),

typed as (
    select
        *,
        {{ parse_timestamp('created_at') }} as parsed_at
    from records
),

final as (
    select
        {{ null_if_blank('user_id') }} as user_id,
        {{ timestamp_in_range('parsed_at') }} as registered_at,
        {{ null_if_blank('country') }} as country,
        {{ reasons({'missing_user_id': null_if_blank('user_id') ~ ' is null'}) }} as reject_reasons,
        _source_file,
        _source_line,
        _dlt_load_id
    from typed
)

select * from final
