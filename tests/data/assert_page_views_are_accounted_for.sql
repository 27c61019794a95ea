-- Every page view reaches the marts once: on each new date the views of products, of other
-- pages, of malformed product ids and of bots make up all views, and each mart adds up to its
-- share.

with accounting as (
    select
        *,
        page_view_count - bot_view_count as counted_view_count,
        product_view_count + other_page_view_count + unknown_product_view_count
        + bot_view_count as sum_of_parts
    from {{ ref('page_view_accounting') }}
    where view_date in ({{ new_dates() }})
),

{%- set shares = {
    'hourly_page_views': 'counted_view_count',
    'daily_page_views': 'counted_view_count',
    'daily_product_page_views': 'product_view_count',
    'product_daily_funnel': 'product_view_count',
} %}

counted as (
    {%- for mart, share in shares.items() %}
    select
        '{{ mart }}' as mart,
        view_date,
        {{ share }} as view_count
    from accounting
    union all
    {%- endfor %}
    select
        'page_view_accounting' as mart,
        view_date,
        page_view_count as view_count
    from accounting
),

held as (
    {%- for mart in shares %}
    {%- set date_column = 'activity_date' if mart == 'product_daily_funnel' else 'view_date' %}
    select
        '{{ mart }}' as mart,
        {{ date_column }} as view_date,
        sum(view_count) as view_count
    from {{ ref(mart) }}
    where {{ date_column }} in ({{ new_dates() }})
    group by {{ date_column }}
    union all
    {%- endfor %}
    select
        'page_view_accounting' as mart,
        view_date,
        sum_of_parts as view_count
    from accounting
),

validation_errors as (
    select
        coalesce(counted.mart, held.mart) as mart,
        coalesce(counted.view_date, held.view_date) as view_date,
        coalesce(counted.view_count, 0) as expected_count,
        coalesce(held.view_count, 0) as found_count
    from counted
    full outer join held on counted.mart = held.mart and counted.view_date = held.view_date
    where coalesce(counted.view_count, 0) <> coalesce(held.view_count, 0)
)

select * from validation_errors
