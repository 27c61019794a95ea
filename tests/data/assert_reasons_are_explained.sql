-- A person can look up why a record was refused: each code in new arrivals of the catalogue and the
-- orders, and each that the CSV parser gave, stands in the seed reject_reasons, and no list is
-- empty. Event sources are tested by assert_event_sources_keep_the_interface.

with refused as (
    {%- for staging_model in [
        'stg_catalogue__products',
        'stg_catalogue__categories',
        'stg_catalogue__users',
        'stg_shop__orders',
        'stg_shop__orders__items',
    ] %}
    select
        '{{ staging_model }}' as staging_model,
        case when len(reject_reasons) > 0 then reject_reasons else ['(empty list)'] end as reasons
    from {{ ref(staging_model) }}
    where reject_reasons is not null and {{ in_new_arrivals() }}
    union all
    {%- endfor %}
    select
        source_name || '.' || table_name as staging_model,
        string_split(reason, ',') as reasons
    from {{ source('ingest', 'rejected_records') }}
    where {{ in_new_arrivals('load_id', 'source_file') }}
),

given_reasons as (
    select
        staging_model,
        unnest(reasons) as reason
    from refused
),

validation_errors as (
    select
        given_reasons.staging_model,
        given_reasons.reason,
        count(*) as row_count
    from given_reasons
    left join {{ ref('reject_reasons') }} as reject_reasons
        on given_reasons.reason = reject_reasons.reason
    where reject_reasons.reason is null
    group by given_reasons.staging_model, given_reasons.reason
)

select * from validation_errors
