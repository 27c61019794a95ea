-- How people come to products, and which they look at together; without bots, date by date.
create table seen_products as
select event_date, session_no, line_ms, page_number(page) as product_id
from kept_views
where not is_bot and page_kind(page) = 3;

-- Pages that lead to products: no product is shown on them. A search is two moments of one place.
create table seen_places as
select
    event_date,
    session_no,
    line_ms,
    action,
    case page_kind(page) when 4 then 'search' when 2 then 'listing' else 'page' end as origin_kind,
    if(
        page_kind(page) = 4,
        lower(getvariable('search_terms')[1 + page_number(page)]),
        page_path(page)
    ) as origin_name,
from kept
where
    not is_bot
    and action in ('page_view', 'search')
    and not shows_product(page);

create table daily_product_origins as
with
led as (
    select
        seen_products.event_date,
        seen_products.session_no,
        coalesce(origin_kind, 'entry') as origin_kind,
        coalesce(origin_name, '(entry)') as origin_name,
        count(*) as product_view_count,
    from seen_products
    asof left join seen_places
        on seen_products.event_date = seen_places.event_date
        and seen_products.session_no = seen_places.session_no
        and seen_products.line_ms > seen_places.line_ms
    group by all
),
visited as (
    select
        event_date,
        session_no,
        origin_kind,
        origin_name,
        count(*) filter (where action = 'search') as search_count,
        count(*) filter (where action = 'page_view') as view_count,
    from seen_places
    group by all
)
select
    event_date as view_date,
    origin_kind,
    origin_name,
    count(*) as session_count,
    coalesce(sum(search_count), 0) as search_count,
    coalesce(sum(view_count), 0) as view_count,
    count(product_view_count) as click_session_count,
    coalesce(sum(product_view_count), 0) as product_view_count,
from visited
full outer join led using (event_date, session_no, origin_kind, origin_name)
group by all
order by all;

-- Of a session on a date the twenty products that it saw first.
create table daily_product_pairs as
with
looked_at as (
    select
        event_date,
        list_sort(list(product_id order by first_ms, product_id)[:20]) as products,
    from (
        select event_date, session_no, product_id, min(line_ms) as first_ms
        from seen_products
        group by event_date, session_no, product_id
    )
    group by event_date, session_no
),
paired as (
    select
        event_date,
        product_id,
        unnest(list_filter(products, lambda other: other > product_id)) as other_product_id,
    from (select *, unnest(products) as product_id from looked_at)
)
select
    event_date as view_date,
    product_id,
    other_product_id,
    count(*) as session_count,
from paired
group by all
having count(*) > 1
order by all;
