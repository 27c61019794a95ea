-- The dates that have orders, each with a version that changes when an order or item of the date
-- does.
-- Grain: one row per UTC date.

{{ config(materialized='table') }}

with orders as (
    select * from {{ ref('orders') }}
),

final as (
    select
        order_date as event_date,
        count(*) as order_count,
        md5(
            string_agg(
                concat_ws('|', order_id, _dlt_load_id, _source_file, _source_line),
                ';' order by order_id
            )
        ) as version
    from orders
    group by order_date
)

select * from final
