-- What is true about visitors over all their sessions, and which touch earned what; without bots.
-- Grain of `histories`: one row per visitor, sessions in their order.
create table histories as
select
    visitor,
    list(
        {
            'first_ms': first_ms,
            'session': session_text(session_no),
            'session_date': session_date,
            'page_view_count': page_view_count,
            'origin': origin,
            'order_count': order_count,
            'revenue_cents': revenue_cents,
            'purchase_ms': purchase_ms
        } order by first_ms, session_text(session_no)
    ) as visits,
from session_facts
where not is_bot
group by visitor;

create table visitors_truth as
select
    if(
        visitor > 0,
        cast(getvariable('first_user_id') + visitor as varchar),
        concat('session:', visits[1].session)
    ) as visitor_id,
    visits[1].session_date as first_session_date,
    visits[-1].session_date as last_session_date,
    len(visits) as session_count,
    list_sum(list_transform(visits, lambda visit: visit.page_view_count)) as page_view_count,
    list_sum(list_transform(visits, lambda visit: visit.order_count)) as order_count,
    money(list_sum(list_transform(visits, lambda visit: visit.revenue_cents))) as revenue,
    visits[1].origin.channel_group as first_channel_group,
    list_min(list_transform(visits, lambda visit: visit.purchase_ms)) // 1000
    - visits[1].first_ms // 1000 as first_purchase_after_seconds,
from histories
order by visitor_id;

-- The first touch and the last, and the last that was not direct within ninety days.
create table daily_attribution as
with
numbered as (
    select visits, unnest(range(1, len(visits) + 1)) as visit_number
    from histories
),
touched as (
    select
        visits[visit_number] as visit,
        visits[1].origin as first_touch,
        list_filter(
            visits[:visit_number],
            lambda earlier:
            earlier.origin.channel_group != 'Direct'
            and earlier.first_ms >= visits[visit_number].first_ms - 7776000000
        )[-1].origin as last_non_direct_touch,
    from numbered
),
credited as (
    select visit, 'first' as attribution_model, first_touch as touch
    from touched
    union all
    select visit, 'last', visit.origin
    from touched
    union all
    select visit, 'last_non_direct', coalesce(last_non_direct_touch, visit.origin)
    from touched
)
select
    visit.session_date as session_date,
    attribution_model,
    touch.channel_group as channel_group,
    touch.source as source,
    touch.medium as medium,
    count(*) as session_count,
    sum(visit.order_count) as order_count,
    money(sum(visit.revenue_cents)) as revenue,
from credited
group by all
order by all;
