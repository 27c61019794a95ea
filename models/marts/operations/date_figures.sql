-- The figure of each date that people quote, per mart: what the next publication is compared with.
-- Grain: one row per mart_name, measure_name and figure_date.
-- content_hash covers all rows of the mart's date, so a move between two products shows as well.

{%- set measures = {
    'daily_page_views': {'view_count': 'sum(view_count)'},
    'daily_product_page_views': {'view_count': 'sum(view_count)'},
    'mart_sessions': {'session_count': 'count(*)'},
    'daily_visitors': {'visitor_count': 'sum(visitor_count)'},
    'daily_orders': {'order_count': 'sum(order_count)'},
    'product_daily_funnel': {
        'cart_count': 'sum(cart_count)',
        'purchase_count': 'sum(purchase_count)',
    },
} %}
{%- set date_columns = {
    'daily_page_views': 'view_date',
    'daily_product_page_views': 'view_date',
    'mart_sessions': 'session_date',
    'daily_visitors': 'session_date',
    'daily_orders': 'order_date',
    'product_daily_funnel': 'activity_date',
} %}

{{ config(
    materialized='incremental',
    incremental_strategy='by_content',
    post_hook=["{{ record_rebuild() }}"],
) }}

with mart_dates as (
    select
        mart_name,
        figure_date,
        content_hash
    from ({{ mart_dates() }}) as mart_dates
    {% if is_incremental() -%}
    where (mart_name, figure_date, content_hash) not in (
        select (mart_name, figure_date, content_hash) from {{ this }}
    )
    {%- endif %}
),

figures as (
    {%- for model, measure_values in measures.items() %}
    {%- set mart_name = model | replace('mart_', '') %}
    {%- for measure_name, value in measure_values.items() %}
    select
        '{{ mart_name }}' as mart_name,
        '{{ measure_name }}' as measure_name,
        {{ date_columns[model] }} as figure_date,
        cast({{ value }} as bigint) as measure_value
    from {{ ref(model) }}
    where
        {{ date_columns[model] }} in (
            select figure_date from mart_dates
            where mart_name = '{{ mart_name }}'
        )
    group by {{ date_columns[model] }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        figures.mart_name,
        figures.measure_name,
        figures.figure_date,
        figures.measure_value,
        mart_dates.content_hash
    from figures
    inner join mart_dates
        on figures.mart_name = mart_dates.mart_name and figures.figure_date = mart_dates.figure_date
)

select * from final
