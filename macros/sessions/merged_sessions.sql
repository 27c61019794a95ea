{#- CTEs that put the days of a session together: `merged`, one row per session_id. Between two of
    its days the gap over midnight counts as engaged like any other. Nearly all sessions have one day
    and are taken as they are: to sort and group them all would be half of the cost of the sessions.
    Which have more is told by the model sessions, so that ten million are not grouped to find them. -#}
{% macro merged_sessions(session_days) -%}
long_sessions as (
    select session_id
    from {{ ref('sessions') }}
    where
        cast(first_event_at as date) < cast(last_event_at as date)
        {%- if is_incremental() %}
        and last_event_at >= (select min(wanted.first_event_at) from {{ session_days }} as wanted)
        {%- endif %}
),

gapped as (
    select
        *,
        {{ engaged_gap('epoch_us(first_event_at) - epoch_us(lag(last_event_at) over days_of_session)') }}
            as engaged_before
    from {{ session_days }}
    where session_id in (select long_sessions.session_id from long_sessions)
    window days_of_session as (partition by session_id order by event_date)
),

summed as (
    select
        session_id,
        min(first_user).user_id as user_id,
        min_by(
            {'page': landing_page, 'query': landing_query, 'referrer': landing_referrer}, event_date
        ) filter (page_view_count > 0) as landing,
        max_by(exit_page, event_date) as exit_page,
        min_by(user_agent, event_date) as user_agent,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(first_product_view_at) as first_product_view_at,
        min(first_purchase_at) as first_purchase_at,
        sum(engaged_microseconds + engaged_before) as engaged_microseconds,
        sum(event_count) as event_count,
        sum(page_view_count) as page_view_count,
        sum(product_view_count) as product_view_count,
        sum(cart_count) as cart_count,
        sum(checkout_count) as checkout_count,
        sum(purchase_count) as purchase_count
    from gapped
    group by session_id
),

merged as (
    select
        session_id,
        first_user.user_id as user_id,
        landing_page,
        landing_query,
        landing_referrer,
        exit_page,
        user_agent,
        first_event_at,
        last_event_at,
        first_product_view_at,
        first_purchase_at,
        engaged_microseconds,
        event_count,
        page_view_count,
        product_view_count,
        cart_count,
        checkout_count,
        purchase_count
    from {{ session_days }}
    where session_id not in (select long_sessions.session_id from long_sessions)
    union all
    select
        session_id,
        user_id,
        landing.page as landing_page,
        landing.query as landing_query,
        landing.referrer as landing_referrer,
        exit_page,
        user_agent,
        first_event_at,
        last_event_at,
        first_product_view_at,
        first_purchase_at,
        cast(engaged_microseconds as bigint) as engaged_microseconds,
        cast(event_count as bigint) as event_count,
        cast(page_view_count as bigint) as page_view_count,
        cast(product_view_count as bigint) as product_view_count,
        cast(cart_count as bigint) as cart_count,
        cast(checkout_count as bigint) as checkout_count,
        cast(purchase_count as bigint) as purchase_count
    from summed
)
{%- endmacro %}
