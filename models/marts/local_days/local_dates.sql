-- Days of the reporting time zone (var reporting_time_zone), with the UTC dates that they touch and
-- a version that changes when traffic, sessions or orders of one of these does, or the zone.
-- Grain: one row per local date (event_date).

{{ config(materialized='table', tags=['analytics'], meta={'publish': false}) }}

with daily_dates as (
    select * from {{ ref('daily_dates') }}
),

bounds as (
    select
        event_date as utc_date,
        version,
        cast({{ local_time('cast(event_date as timestamp)') }} as date) as first_local_date,
        cast(
            {{ local_time("event_date + interval 1 day - interval 1 microsecond") }} as date
        ) as last_local_date
    from daily_dates
),

touched as (
    select
        utc_date,
        version,
        {{ each_date('first_local_date', 'last_local_date') }} as event_date
    from bounds
),

final as (
    select
        event_date,
        min(utc_date) as first_utc_date,
        max(utc_date) as last_utc_date,
        md5(concat_ws(
            '|',
            '{{ var("reporting_time_zone") }}',
            string_agg(utc_date || ' ' || version, ';' order by utc_date)
        )) as version
    from touched
    group by event_date
)

select * from final
