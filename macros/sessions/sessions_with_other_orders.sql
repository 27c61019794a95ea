{#- Sessions of dates that have grown whose orders are not those that mart_sessions holds: an order came, changed or left. It may tell
    a session over midnight needlessly, when the orders lie on its other date. -#}
{% macro sessions_with_other_orders() -%}
    select coalesce(earned.session_id, held.session_id) as session_id
    from (
        select
            session_id,
            count(*) filter (has_order) as order_count,
            sum(revenue_amount) as revenue_amount
        from {{ ref('order_sessions') }}
        where session_id in (
            select session_id from {{ ref('order_sessions') }}
            where event_date in ({{ grown_dates() }})
        )
        group by session_id
    ) as earned
    full outer join (
        select sessions.session_id, sessions.order_count, sessions.revenue_amount
        from {{ this }} as sessions
        semi join ({{ grown_dates() }}) as dates
            on
                cast(sessions.first_event_at as date) <= dates.event_date
                and cast(sessions.last_event_at as date) >= dates.event_date
        where (sessions.order_count > 0 or sessions.revenue_amount <> 0) and {{ ends_since(grown_dates()) }}
    ) as held
        on earned.session_id = held.session_id
    where
        coalesce(earned.order_count, 0) <> coalesce(held.order_count, 0)
        or coalesce(earned.revenue_amount, 0) <> coalesce(held.revenue_amount, 0)
{%- endmacro %}
