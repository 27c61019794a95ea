-- The dates that have events, with a version that also changes when a bot gets another name or
-- category.
-- Grain: one row per UTC date (event_date).

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

with traffic_dates as (
    select * from {{ ref('traffic_dates') }}
),

names as (
    select
        md5(string_agg(
            concat_ws('|', rule_id, coalesce(bot_name, ''), bot_category), ';' order by rule_id
        )) as version
    from {{ ref('bot_rules') }}
),

final as (
    select
        traffic_dates.event_date,
        md5(concat_ws('|', traffic_dates.version, (select names.version from names))) as version
    from traffic_dates
)

select * from final
