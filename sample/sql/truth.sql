-- What is true about the sample, from how it was made. Nothing here reads a written file.
-- Grain of `kept`: one row per event that counts, that is the first copy of every usable event.
create view kept as
select
    cast(epoch_ms(line_ms) as date) as event_date,
    line_ms,
    hour_no,
    session_no,
    -- A visitor is the user, else the session.
    if(user_no > 0, user_no, -1 - session_no) as visitor,
    is_bot,
    action,
    page,
from lines
where outcome = 'event';

create view kept_views as
select * exclude (action)
from kept
where action = 'page_view';

create table catalogue_products as
select range as product_id
from range(getvariable('first_product_id'), getvariable('first_product_id') + getvariable('product_count'))
where range != getvariable('broken_product_id');

create table lines_per_file as
select
    log_files.source_file,
    count(*) as line_count,
    count(*) filter (where outcome = 'blank') as blank_count,
    count(*) filter (where outcome = 'event') as event_count,
    count(*) filter (where outcome = 'duplicate') as duplicate_count,
    count(*) filter (where outcome not in ('blank', 'event', 'duplicate')) as quarantined_count,
from lines
inner join log_files using (hour_no)
group by log_files.source_file
order by log_files.source_file;

create table quarantined as
select
    log_files.source_file,
    cast(lines.outcome as varchar) as reason,
    count(*) as line_count,
from lines
inner join log_files using (hour_no)
where outcome not in ('blank', 'event', 'duplicate')
group by log_files.source_file, lines.outcome
order by log_files.source_file, reason;

create table page_views_by_day_and_page as
select
    event_date as view_date,
    page,
    count(*) as view_count,
    count(distinct session_no) as session_count,
    count(distinct visitor) as visitor_count,
    count(*) filter (where not is_bot) as human_view_count,
    count(distinct session_no) filter (where not is_bot) as human_session_count,
    count(distinct visitor) filter (where not is_bot) as human_visitor_count,
from kept_views
where page_kind(page) in (2, 3)
group by event_date, page;

create table daily_product_page_views as
select
    view_date,
    page_number(page) as product_id,
    page_number(page) in (from catalogue_products) as is_in_catalogue,
    * exclude (view_date, page),
from page_views_by_day_and_page
where page_kind(page) = 3
order by view_date, product_id;

-- Products and categories have one page each; the other kinds are put together by their path.
create table daily_page_views as
select
    view_date,
    page_path(page) as page_path,
    * exclude (view_date, page),
from page_views_by_day_and_page
union all
select
    event_date,
    page_path(page) as path,
    count(*),
    count(distinct session_no),
    count(distinct visitor),
    count(*) filter (where not is_bot),
    count(distinct session_no) filter (where not is_bot),
    count(distinct visitor) filter (where not is_bot),
from kept_views
where page_kind(page) not in (2, 3)
group by event_date, path
order by view_date, page_path;

create table hourly_page_views as
select
    epoch_ms(line_ms // 3600000 * 3600000) as view_hour,
    count(*) as view_count,
    count(distinct session_no) as session_count,
    count(distinct visitor) as visitor_count,
    count(*) filter (where not is_bot) as human_view_count,
    count(distinct session_no) filter (where not is_bot) as human_session_count,
    count(distinct visitor) filter (where not is_bot) as human_visitor_count,
from kept_views
group by line_ms // 3600000
order by view_hour;

create table sessions_truth as
select
    session_text(session_no) as session_id,
    epoch_ms(min(line_ms)) as started_at,
    epoch_ms(max(line_ms)) as ended_at,
    count(*) as event_count,
    count(*) filter (where action = 'page_view') as page_view_count,
    any_value(is_bot) as is_bot,
from kept
group by session_no
order by started_at, session_id;

create table late_events as
select
    event_date,
    cast(epoch_ms(hour_no * 3600000 :: bigint) as date) as arrival_date,
    count(*) as event_count,
from kept
where cast(epoch_ms(hour_no * 3600000 :: bigint) as date) > event_date
group by event_date, arrival_date
order by event_date, arrival_date;

-- Orders: the latest version counts; items with a quantity below one or without a product id do not.
create table sold_items as
select
    cast(epoch_ms(latest.created_second * 1000) as date) as order_date,
    latest.order_no,
    order_items.line_number,
    order_items.product_id,
    order_items.quantity + if(order_items.line_number = 1, latest.added_quantity, 0) as quantity,
    order_items.unit_cents,
    order_items.rejection,
from order_items
inner join (
    select *
    from order_versions
    qualify row_number() over (partition by order_no order by version desc) = 1
) as latest
    on order_items.order_no = latest.order_no;

create table daily_orders as
select
    order_date,
    count(distinct order_no) as order_count,
    cast(sum(quantity) as bigint) as unit_count,
    money(sum(quantity * unit_cents)) as revenue,
from sold_items
where rejection is null
group by order_date
order by order_date;

create table rejected_order_items as
select
    getvariable('first_order_id') + order_no as order_id,
    line_number,
    product_id,
    quantity,
    rejection as reason,
from sold_items
where rejection is not null
order by order_id, line_number;

create table product_daily_funnel as
with
parts as (
    select view_date as date, product_id, view_count, human_view_count
    from daily_product_page_views
    union all by name
    select event_date as date, page_number(page) as product_id, count(*) as cart_count
    from kept
    where action = 'add_to_cart' and page_kind(page) = 3
    group by event_date, page
    union all by name
    select
        order_date as date,
        cast(product_id as bigint) as product_id,
        count(distinct order_no) as order_count,
        sum(quantity) as unit_count,
        sum(quantity * unit_cents) as revenue_cents,
    from sold_items
    where rejection is null
    group by order_date, product_id
)
select
    date,
    product_id,
    product_id in (from catalogue_products) as is_in_catalogue,
    cast(coalesce(sum(view_count), 0) as bigint) as view_count,
    cast(coalesce(sum(human_view_count), 0) as bigint) as human_view_count,
    cast(coalesce(sum(cart_count), 0) as bigint) as cart_count,
    cast(coalesce(sum(order_count), 0) as bigint) as order_count,
    cast(coalesce(sum(unit_count), 0) as bigint) as unit_count,
    money(coalesce(sum(revenue_cents), 0)) as revenue,
from parts
group by date, product_id
order by date, product_id;

create table totals as
with
facts as (
    select
        (select count(*) from lines_per_file) as file_count,
        (select sum(line_count) from lines_per_file) as line_count,
        (select sum(blank_count) from lines_per_file) as blank_count,
        (select sum(event_count) from lines_per_file) as event_count,
        (select sum(duplicate_count) from lines_per_file) as duplicate_count,
        (select sum(quarantined_count) from lines_per_file) as quarantined_count,
        (select sum(event_count) from late_events) as late_event_count,
        (select count(*) from sessions_truth) as session_count,
        (select count(*) from sessions_truth where is_bot) as bot_session_count,
        (select sum(event_count) from sessions_truth where is_bot) as bot_event_count,
        (select count(*) from kept where visitor < 0) as missing_user_id_count,
        (select sum(page_view_count) from sessions_truth) as page_view_count,
        (select sum(page_view_count) from sessions_truth where is_bot) as bot_page_view_count,
        (select sum(view_count) from daily_product_page_views) as product_view_count,
        (select sum(view_count) from daily_product_page_views where not is_in_catalogue)
            as unknown_product_view_count,
        (select count(*) from kept_views where page_kind(page) = 9) as invalid_product_view_count,
        (select count(*) from kept_views where page_kind(page) != 3) as other_page_view_count,
        (select count(*) from order_versions) as order_version_count,
        (select sum(order_count) from daily_orders) as order_count,
        (select sum(unit_count) from daily_orders) as unit_count,
        (select sum(cast(revenue as decimal(18, 2))) from daily_orders) as revenue,
        (select count(*) from rejected_order_items) as rejected_order_item_count,
        (select count(*) from catalogue_products) as product_count,
        1 as rejected_product_count,
        getvariable('user_count') as user_count,
),
as_text as (
    select cast(columns(*) as varchar)
    from facts
)
unpivot as_text on columns(*) into name metric value value;
