-- How people find products, per day: by which search term, listing page or other page.
-- Grain: one row per view_date (UTC), origin_kind and origin_name.
-- A product view comes from the page that is no product page, or the search, which its session saw
-- last before it on the date: products opened in several tabs all come from the list. `entry` is
-- before any such page, `unknown` has no session. Views add up to those of products, without bots.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'view_date',
        'publish_by': 'view_date',
        'dates_of': 'traffic_dates',
        'made_in_parts': true,
    },
) }}

with seen as (
    select
        events.event_date,
        events.session_id,
        events.action,
        events.page_path,
        events.page_query,
        events.has_product,
        events.product_id,
        {{ event_order('events') }} as event_order
    from {{ ref('events') }} as events
    left join {{ ref('bot_session_days') }} as bot_session_days
        on
            events.session_id = bot_session_days.session_id
            and events.event_date = bot_session_days.event_date
    where
        events.action in ('page_view', 'search')
        and {{ is_counted('(bot_session_days.session_id is not null)') }}
        and {{ in_changed_dates('events.event_date', ref('traffic_dates'), bounded=true) }}
),

placed as (
    select
        event_date,
        session_id,
        action,
        page_path,
        page_query,
        product_id,
        event_order,
        not has_product or action = 'search' as is_origin,
        max(event_order) filter (not has_product or action = 'search') over (
            partition by event_date, session_id order by event_order
        ) as origin_order
    from seen
    where session_id is not null
),

origins as (
    select
        event_date,
        session_id,
        event_order,
        action,
        {{ search_term('page_query') }} as term,
        page_path
    from placed
    where is_origin
),

named as (
    select
        event_date,
        session_id,
        event_order,
        action,
        case
            when action = 'search' or term is not null then 'search'
            when regexp_matches(page_path, '{{ var("listing_page_pattern") }}') then 'listing'
            else 'page'
        end as origin_kind,
        case
            when action = 'search' or term is not null then coalesce(term, 'unknown')
            else coalesce(page_path, '(none)')
        end as origin_name
    from origins
),

product_views as (
    select
        event_date,
        session_id,
        origin_order,
        count(*) as product_view_count
    from placed
    where not is_origin and product_id is not null
    group by event_date, session_id, origin_order
),

followed as (
    select
        named.event_date,
        named.session_id,
        named.action,
        named.origin_kind,
        named.origin_name,
        coalesce(product_views.product_view_count, 0) as product_view_count
    from named
    left join product_views
        on
            named.event_date = product_views.event_date
            and named.session_id = product_views.session_id
            and named.event_order = product_views.origin_order
    union all
    select
        event_date,
        session_id,
        cast(null as varchar) as action,
        'entry' as origin_kind,
        '(entry)' as origin_name,
        product_view_count
    from product_views
    where origin_order is null
    union all
    select
        event_date,
        cast(null as varchar) as session_id,
        cast(null as varchar) as action,
        'unknown' as origin_kind,
        '(unknown)' as origin_name,
        count(*) as product_view_count
    from seen
    where session_id is null and action = 'page_view' and product_id is not null
    group by event_date
),

final as (
    select
        event_date as view_date,
        origin_kind,
        origin_name,
        count(distinct session_id) as session_count,
        count(*) filter (action = 'search') as search_count,
        count(*) filter (action = 'page_view') as view_count,
        count(distinct session_id) filter (product_view_count > 0) as click_session_count,
        cast(sum(product_view_count) as bigint) as product_view_count
    from followed
    group by event_date, origin_kind, origin_name
)

select * from final
