-- Staging drops nothing: each arrival has as many staged rows as ingest counted records.

{%- set staging_models = var('event_sources') + [
    'stg_catalogue__products', 'stg_catalogue__categories', 'stg_catalogue__users', 'stg_shop__orders'
] %}

with staged as (
    {%- for staging_model in staging_models %}
    {%- set raw_table = raw_table_of(staging_model) %}
    select
        '{{ raw_table["source"] }}' as source_name,
        '{{ raw_table["table"] }}' as table_name,
        _dlt_load_id as load_id,
        _source_file as source_file,
        count(*) as staged_count
    from {{ ref(staging_model) }}
    where {{ in_new_arrivals() }}
    group by _dlt_load_id, _source_file
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

arrived as (
    {%- for staging_model in staging_models %}
    {%- set raw_table = raw_table_of(staging_model) %}
    select
        arrivals.source_name,
        arrivals.table_name,
        arrivals.load_id,
        arrivals.source_file,
        arrivals.record_count
    from {{ source('ingest', 'arrivals') }} as arrivals
    inner join ({{ complete_arrivals(raw_table["source"], raw_table["table"]) }}) as complete
        on
            arrivals.source_name = complete.source_name
            and arrivals.table_name = complete.table_name
            and arrivals.load_id = complete.load_id
            and arrivals.source_file = complete.source_file
    where {{ in_new_arrivals('arrivals.load_id', 'arrivals.source_file') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

validation_errors as (
    select
        coalesce(arrived.source_name, staged.source_name) as source_name,
        coalesce(arrived.table_name, staged.table_name) as table_name,
        coalesce(arrived.load_id, staged.load_id) as load_id,
        coalesce(arrived.source_file, staged.source_file) as source_file,
        coalesce(arrived.record_count, 0) as record_count,
        coalesce(staged.staged_count, 0) as staged_count
    from arrived
    full outer join staged
        on
            arrived.source_name = staged.source_name
            and arrived.table_name = staged.table_name
            and arrived.load_id = staged.load_id
            and arrived.source_file = staged.source_file
    where coalesce(arrived.record_count, 0) <> coalesce(staged.staged_count, 0)
)

select * from validation_errors
