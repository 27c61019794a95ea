-- The sessions of the shop.
-- Grain: one row per session; session_no counts from 0 and has nothing to do with time.
create table sessions as
with
numbered as (
    select
        i as session_no,
        getvariable('session_traits')[
            1 + place_in_block(i, getvariable('session_block'), 37, 1)
        ] as trait,
        place_in_block(i, getvariable('session_block'), 43, 2)
        < getvariable('anonymous_sessions') as is_anonymous,
    from range(getvariable('session_limit')) as candidates (i)
),
shaped as (
    select
        session_no,
        cast(trait as session_trait) as trait,
        trait = 'bot' as is_bot,
        if(
            trait = 'bot' or is_anonymous,
            0,
            1 + cast(floor(getvariable('user_count') * pow(uniform(session_no, 3), 2)) as bigint)
        ) as user_no,
        case trait
            when 'bot' then 4 + pick(session_no, 4, 15)
            when 'midnight' then 4 + pick(session_no, 4, 4)
            else least(40, 1 + cast(floor(-4.2 * ln(1 - uniform(session_no, 4))) as bigint))
        end as browse_count,
        if(
            trait in ('purchase', 'checkout', 'cart'),
            [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][1 + pick(session_no, 5, 10)],
            0
        ) as item_count,
        getvariable('first_day_ms')
        + pick(session_no, 6, getvariable('days')) * 86400000
        + if(
            trait = 'midnight',
            86400000 - 1 - pick(session_no, 7, 180000),
            pick_from(getvariable('hours'), session_no, 8) * 3600000 + pick(session_no, 7, 3600000)
        ) as start_ms,
        case trait
            when 'bot' then 800 + pick(session_no, 9, 4000)
            when 'midnight' then 60000 + pick(session_no, 9, 20000)
            else 6000 + pick(session_no, 9, 64000)
        end as gap_ms,
    from numbered
),
planned as (
    select
        *,
        browse_count + 2 * item_count + case trait
            when 'purchase' then 5
            when 'checkout' then 3
            when 'cart' then pick(session_no, 10, 2)
            else 0
        end as planned_count,
    from shaped
),
counted as (
    select
        *,
        sum(planned_count) over (order by session_no) - planned_count as first_event_no,
    from planned
),
-- The last session is cut where the wanted number of events is reached.
cut as (
    select
        * exclude (planned_count, first_event_no),
        cast(first_event_no as bigint) as first_event_no,
        cast(least(planned_count, getvariable('events') - first_event_no) as bigint) as event_count,
    from counted
    where first_event_no < getvariable('events')
)
select
    *,
    trait = 'purchase' and event_count > browse_count + 2 * item_count + 3 as has_order,
    if(has_order, row_number() over (partition by has_order order by session_no), null) as order_no,
from cut
order by session_no;
