-- How far sessions get in each funnel of the seed funnels.
-- Grain: one row per session_date (UTC date on which the session began), funnel_id and step_number.
-- Steps count in their order, each by an event of its own, within the window from the first;
-- without bots.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'session_date',
        'publish_by': 'session_date',
        'dates_of': 'funnel_dates',
        'made_in_parts': true,
    },
) }}

{%- set reached_dates %}
    select {{ each_date('event_date', 'last_date') }} as event_date from {{ ref('funnel_dates') }}
    where {{ in_changed_dates('event_date', ref('funnel_dates'), bounded=true) }}
{%- endset %}

with funnels as (
    select * from {{ ref('funnels') }}
),

-- Each has a number in place of its id: matches are put together by it, millions of them.
sessions as (
    select
        session_date,
        session_id,
        row_number() over (order by session_id) as session_number
    from {{ ref('mart_sessions') }}
    where
        {{ is_counted('is_bot') }}
        and {{ in_changed_dates('session_date', ref('funnel_dates'), bounded=true) }}
),

-- Only dates that such a session can reach are read.
events as (
    select * from {{ ref('events') }}
    where
        event_date in ({{ reached_dates }})
        {% if is_incremental() -%}
        and {{ between_dates('event_date', reached_dates) }}
        {%- endif %}
),

pages as (
    select distinct coalesce(page_path, '') as page_path
    from events
),

patterns as (
    select distinct coalesce(page_pattern, '') as page_pattern
    from funnels
),

-- A pattern is tried once on each page, not on each view: 4 microseconds a time add up.
fitting_pages as (
    select
        pages.page_path,
        patterns.page_pattern
    from pages
    inner join patterns
        on patterns.page_pattern = '' or regexp_matches(pages.page_path, patterns.page_pattern)
),

matched as (
    select
        sessions.session_date,
        sessions.session_number,
        funnels.funnel_id,
        funnels.window_minutes,
        funnels.step_number,
        events.event_at,
        {{ event_order('events') }} as event_order
    from events
    inner join sessions on events.session_id = sessions.session_id
    inner join funnels on events.action = funnels.action
    inner join fitting_pages
        on
            coalesce(events.page_path, '') = fitting_pages.page_path
            and coalesce(funnels.page_pattern, '') = fitting_pages.page_pattern
),

-- Who never takes the second step is at the first one, whatever the order of events: in most shops
-- nine sessions of ten.
further as (
    select
        session_number,
        funnel_id
    from matched
    where step_number = 2
    group by session_number, funnel_id
),

started as (
    select
        matched.session_date,
        matched.session_number,
        matched.funnel_id,
        matched.step_number
    from matched
    anti join further
        on matched.session_number = further.session_number and matched.funnel_id = further.funnel_id
    where matched.step_number = 1
    group by matched.session_date, matched.session_number, matched.funnel_id, matched.step_number
),

progressed as (
    select
        session_date,
        funnel_id,
        step_number
    from started
    union all
    select
        matched.session_date,
        matched.funnel_id,
        {{ funnel_progress(
            'list_sort(list(' ~ funnel_state(
                'matched.event_order', 'epoch_us(matched.event_at)', 'matched.step_number'
            ) ~ '))',
            'matched.window_minutes'
        ) }} as step_number
    from matched
    inner join further
        on matched.session_number = further.session_number and matched.funnel_id = further.funnel_id
    group by
        matched.session_date, matched.session_number, matched.funnel_id, matched.window_minutes
),

final as (
    select
        progressed.session_date,
        funnels.funnel_id,
        funnels.step_number,
        funnels.step_name,
        count(*) as session_count
    from progressed
    inner join funnels
        on
            progressed.funnel_id = funnels.funnel_id
            and progressed.step_number >= funnels.step_number
    group by progressed.session_date, funnels.funnel_id, funnels.step_number, funnels.step_name
)

select * from final
