-- Every page view reaches the marts once: on each new date the views of products, of other pages and of malformed product ids make
-- up all views, and each mart adds up to its share.

with days as (
    select event_date as view_date from ({{ new_dates() }}) as new_dates
),

accounting as (
    select * from {{ ref('page_view_accounting') }}
    where view_date in (select days.view_date from days)
),

parts as (
    select
        view_date,
        product_view_count + other_page_view_count + unknown_product_view_count as view_count
    from accounting
),

{%- set shares = {
    'parts': ['parts', 'view_date', 'view_count', 'page_view_count'],
    'hourly_page_views': [ref('hourly_page_views'), 'view_date', 'view_count', 'page_view_count'],
    'daily_page_views': [ref('daily_page_views'), 'view_date', 'view_count', 'page_view_count'],
    'daily_product_page_views': [ref('daily_product_page_views'), 'view_date', 'view_count', 'product_view_count'],
    'product_daily_funnel': [ref('product_daily_funnel'), 'activity_date', 'view_count', 'product_view_count'],
} %}

compared as (
    {%- for name, (relation, date_column, counted, share) in shares.items() %}
    select
        '{{ name }} ' || days.view_date as what,
        coalesce(accounting.{{ share }}, 0) as expected_count,
        coalesce(held.view_count, 0) as found_count
    from days
    left join accounting on days.view_date = accounting.view_date
    left join (
        select {{ date_column }} as view_date, sum({{ counted }}) as view_count
        from {{ relation }}
        where {{ date_column }} in (select days.view_date from days)
        group by {{ date_column }}
    ) as held
        on days.view_date = held.view_date
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

validation_errors as (
    select what, expected_count, found_count from compared
    where expected_count is distinct from found_count
)

select * from validation_errors
