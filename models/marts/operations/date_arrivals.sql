-- Which files, in which loads, brought the events and orders of each date.
-- Grain: one row per arrival_date (UTC date of the events, or on which the orders were placed),
-- source_name, source_file and load_id.

{{ config(materialized='view', meta={'publish_by': 'arrival_date'}) }}

-- Its tests look at the dates that changed:
-- depends_on: {{ ref('event_dates') }}
-- depends_on: {{ ref('order_dates') }}

with events as (
    select
        event_date as arrival_date,
        source_name,
        _source_file as source_file,
        _dlt_load_id as load_id,
        line_count
    from {{ ref('event_arrivals') }}
    where line_kind = 'accepted'
),

orders as (
    select
        order_date as arrival_date,
        'shop' as source_name,
        _source_file as source_file,
        _dlt_load_id as load_id,
        1 as line_count
    from {{ ref('stg_shop__orders') }}
    where reject_reasons is null
),

final as (
    select
        arrival_date,
        source_name,
        source_file,
        load_id,
        cast(sum(line_count) as bigint) as line_count
    from (
        select * from events
        union all by name
        select * from orders
    ) as arrivals
    group by arrival_date, source_name, source_file, load_id
)

select * from final
