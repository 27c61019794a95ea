-- Every event of every session, before anything happens to it on its way to the log.
-- Grain: one row per event; event_no counts from 0.
create view events as
with
placed as (
    select
        first_event_no + step as event_no,
        session_no,
        step,
        trait,
        is_bot,
        user_no,
        browse_count,
        item_count,
        order_no,
        -- Strictly increasing within the session: one moment in each gap.
        start_ms + step * gap_ms + pick(first_event_no + step, 20, gap_ms) as event_ms,
        getvariable('event_traits')[
            1 + place_in_block(first_event_no + step, getvariable('event_block'), 619, 21)
        ] as event_trait,
    from (select *, unnest(range(event_count)) as step from sessions)
)
select
    event_no,
    session_no,
    step,
    is_bot,
    if(event_trait = 'missing_user_id', 0, user_no) as user_no,
    event_ms,
    cast(event_trait as event_trait) as event_trait,
    cast(session_action(session_no, step, browse_count, item_count, is_bot) as event_action)
        as action,
    session_page(session_no, step, browse_count, item_count, is_bot, trait) as page,
    if(step = 0, null, session_page(session_no, step - 1, browse_count, item_count, is_bot, trait))
        as previous_page,
    -- What the properties need: the quantity put in the cart, the items in it, or the order.
    case session_action(session_no, step, browse_count, item_count, is_bot)
        when 'add_to_cart' then item_quantity(session_no, (step - browse_count) // 2)
        when 'begin_checkout' then item_count
        when 'purchase' then order_no
    end as detail,
from placed;

-- Every line of every log file, in file order: the events, and what is written again, damaged or
-- left blank.
-- Grain: one row per line. A copy always arrives after its original.
create table lines as
with
originals as (
    select
        * exclude (event_trait),
        event_trait,
        0 as copy_no,
        event_ms as line_ms,
        case event_trait
            when 'late_hours' then event_ms + 3600000 + pick(event_no, 22, 5 * 3600000)
            when 'late_days'
                then (event_ms // 86400000 + 2 + pick(event_no, 22, 2)) * 86400000
                + 3 * 3600000 + pick(event_no, 23, 3000000)
            else event_ms + 40 + pick(event_no, 22, 4000)
        end as arrival_ms,
        cast(case event_trait
            when 'malformed_json' then 'invalid_json'
            when 'truncated_line' then 'invalid_json'
            when 'invalid_utf8' then 'invalid_utf8'
            when 'invalid_timestamp' then 'invalid_timestamp'
            when 'missing_page' then 'missing_page'
            when 'missing_event_id' then 'missing_event_id'
            else 'event'
        end as line_outcome) as outcome,
    from events
),
copies as (
    select
        * exclude (event_trait, copy_no, line_ms, arrival_ms, outcome, page),
        -- A conflicting payload names another page.
        if(
            event_trait = 'conflict_payload',
            if(
                page_kind(page) = 3,
                page(2, 1 + pick(event_no, 24, getvariable('category_count'))),
                page(3, popular_product(event_no, 24))
            ),
            page
        ) as page,
        event_trait,
        1 as copy_no,
        event_ms + if(event_trait = 'conflict_timestamp', 1 + pick(event_no, 25, 7200000), 0)
            as line_ms,
        case event_trait
            when 'blank_line' then arrival_ms
            when 'duplicate_same_file'
                then least(
                    arrival_ms + pick(event_no, 26, 60000),
                    (arrival_ms // 3600000 + 1) * 3600000 - 1
                )
            when 'duplicate_later_file' then arrival_ms + 3600000 + pick(event_no, 26, 30 * 3600000)
            else arrival_ms + 1 + pick(event_no, 26, [60000, 20 * 3600000][1 + event_no % 2])
        end as arrival_ms,
        cast(case event_trait
            when 'blank_line' then 'blank'
            when 'duplicate_same_file' then 'duplicate'
            when 'duplicate_later_file' then 'duplicate'
            else 'event_id_conflict'
        end as line_outcome) as outcome,
    from originals
    where event_trait in (
        'duplicate_same_file', 'duplicate_later_file',
        'conflict_timestamp', 'conflict_payload',
        'blank_line'
    )
),
together as (
    select * from originals
    union all by name
    select * from copies
)
select
    event_no,
    copy_no :: tinyint as copy_no,
    session_no :: integer as session_no,
    step :: tinyint as step,
    is_bot,
    user_no :: integer as user_no,
    line_ms,
    event_trait,
    outcome,
    action,
    page,
    previous_page,
    detail :: integer as detail,
    orders.total_cents :: integer as total_cents,
    (arrival_ms // 3600000) :: integer as hour_no,
from together
left join order_documents as orders
    on together.action = 'purchase'
    and together.detail = orders.order_no
    and orders.version = 1
order by hour_no, arrival_ms, event_no, copy_no;
