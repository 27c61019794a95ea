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
from range(
    getvariable('first_product_id'),
    getvariable('first_product_id') + getvariable('product_count')
)
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
