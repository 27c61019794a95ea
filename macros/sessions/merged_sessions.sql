{#- CTEs that put the days of a session together: `merged`, one row per session_id. Between two of
    its days the gap over midnight counts as engaged like any other. -#}
{% macro merged_sessions(session_days) -%}
gapped as (
    select
        *,
        {{ engaged_gap('epoch_us(first_event_at) - epoch_us(lag(last_event_at) over days_of_session)') }}
            as engaged_before
    from {{ session_days }}
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
        cast(sum(engaged_microseconds + engaged_before) as bigint) as engaged_microseconds,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(page_view_count) as bigint) as page_view_count,
        cast(sum(product_view_count) as bigint) as product_view_count,
        cast(sum(cart_count) as bigint) as cart_count,
        cast(sum(checkout_count) as bigint) as checkout_count,
        cast(sum(purchase_count) as bigint) as purchase_count
    from gapped
    group by session_id
),

merged as (
    select
        *,
        landing.page as landing_page,
        landing.query as landing_query,
        landing.referrer as landing_referrer
    from summed
)
{%- endmacro %}
