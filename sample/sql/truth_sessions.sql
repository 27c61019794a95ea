-- What is true about whole sessions: where they came from, how they went, what they earned.
-- Grain of `session_facts`: one row per session with an event that counts.
create table session_facts as
with
counted as (
    select
        session_no,
        any_value(is_bot) as is_bot,
        max(user_no) as user_no,
        min(line_ms) as first_ms,
        count(*) filter (where action = 'page_view') as page_view_count,
        arg_min(page, line_ms) filter (where action = 'page_view') as landing_page,
        arg_max(page, line_ms) filter (where action = 'page_view') as exit_page,
        min(step) filter (where action = 'page_view') as landing_step,
        bool_or(action in ('add_to_cart', 'begin_checkout', 'purchase')) as has_goal,
        bool_or(action = 'purchase') as has_purchase,
        bool_or(action = 'add_to_cart') as has_cart,
        bool_or(action = 'begin_checkout') as has_checkout,
        min(line_ms) filter (action = 'page_view' and shows_product(page)) as product_view_ms,
        min(line_ms) filter (action = 'purchase') as purchase_ms,
    from lines
    where outcome = 'event'
    group by session_no
),
-- A minute of silence at most counts as being there.
present as (
    select session_no, sum(least(gap_ms, 60000)) as engaged_ms,
    from (
        select
            session_no,
            coalesce(line_ms - lag(line_ms) over (partition by session_no order by line_ms), 0) as gap_ms,
        from lines
        where outcome = 'event'
    )
    group by session_no
),
sold as (
    select order_no, sum(quantity * unit_cents) as revenue_cents,
    from sold_items
    where rejection is null
    group by order_no
)
select
    counted.*,
    cast(epoch_ms(first_ms) as date) as session_date,
    -- A visitor is the user, else the session.
    if(counted.user_no > 0, counted.user_no, -1 - counted.session_no) as visitor,
    cast(engaged_ms // 1000 as bigint) as engaged_seconds,
    page_view_count <= 1 and engaged_ms < 10000 and not has_goal as is_bounce,
    -- Only the page on which a session lands tells where it came from.
    landed_from(
        if(landing_step = 0 and not counted.is_bot and can_be_landed_on(landing_page),
            landing(counted.session_no).query, ''),
        if(landing_step = 0 and not counted.is_bot, landing(counted.session_no).referrer, '')
    ) as origin,
    if(has_purchase and has_order, 1, 0) as order_count,
    if(has_purchase and has_order, coalesce(revenue_cents, 0), 0) as revenue_cents,
from counted
inner join present using (session_no)
inner join sessions using (session_no)
left join sold on sessions.order_no = sold.order_no;

create table session_visits as
select
    session_text(session_no) as session_id,
    session_date,
    page_path(landing_page) as landing_page,
    page_path(exit_page) as exit_page,
    origin.channel_group,
    origin.source,
    origin.medium,
    engaged_seconds,
    is_bounce,
    order_count,
    money(revenue_cents) as revenue,
    is_bot,
from session_facts
order by session_date, session_id;

create table daily_channels as
select
    session_date,
    origin.channel_group as channel_group,
    origin.source as source,
    origin.medium as medium,
    count(*) as session_count,
    count(distinct visitor) as visitor_count,
    cast(sum(page_view_count) as bigint) as view_count,
    sum(order_count) as order_count,
    money(sum(revenue_cents)) as revenue,
from session_facts
where not is_bot
group by all
order by all;
