-- Records of the catalogue and the order API that were refused: every reason and the place.
-- Grain: one row per refused record or item (source_name, table_name, load_id, source_file,
-- source_line, item_number).

{{ config(materialized='view', meta={'publish': false}) }}

with refused as (
    select
        'catalogue' as source_name,
        'products' as table_name,
        _source_file,
        _source_line,
        0 as item_number,
        reject_reasons as reasons,
        _dlt_load_id
    from {{ ref('stg_catalogue__products') }}
    where reject_reasons is not null
    union all
    select
        'catalogue' as source_name,
        'categories' as table_name,
        _source_file,
        _source_line,
        0 as item_number,
        reject_reasons as reasons,
        _dlt_load_id
    from {{ ref('stg_catalogue__categories') }}
    where reject_reasons is not null
    union all
    select
        'catalogue' as source_name,
        'users' as table_name,
        _source_file,
        _source_line,
        0 as item_number,
        reject_reasons as reasons,
        _dlt_load_id
    from {{ ref('stg_catalogue__users') }}
    where reject_reasons is not null
    union all
    select
        'shop' as source_name,
        'orders' as table_name,
        _source_file,
        _source_line,
        0 as item_number,
        reject_reasons as reasons,
        _dlt_load_id
    from {{ ref('stg_shop__orders') }}
    where reject_reasons is not null
    union all
    select
        'shop' as source_name,
        'orders' as table_name,
        _source_file,
        _source_line,
        item_number,
        reject_reasons as reasons,
        _dlt_load_id
    from {{ ref('stg_shop__orders__items') }}
    where reject_reasons is not null
),

unreadable as (
    select
        source_name,
        table_name,
        source_file,
        source_line,
        0 as item_number,
        string_split(reason, ',') as reasons,
        load_id,
        payload
    from {{ source('ingest', 'rejected_records') }}
    where source_name in ('catalogue', 'shop')
),

final as (
    select
        source_name,
        table_name,
        _source_file as source_file,
        _source_line as source_line,
        item_number,
        reasons,
        _dlt_load_id as load_id,
        cast(null as varchar) as payload
    from refused
    union all
    select source_name, table_name, source_file, source_line, item_number, reasons, load_id, payload
    from unreadable
)

select * from final
