-- Nothing of what products did is lost in the tree of categories, and nothing is counted twice: on
-- each new date the top categories add up to the products.

{%- set measures = ['view_count', 'cart_count', 'unit_count', 'revenue_amount', 'bot_view_count'] %}

with products as (
    select
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        activity_date
    from {{ ref('product_daily_funnel') }}
    where activity_date in ({{ new_dates('commerce_dates') }})
    group by activity_date
),

top_categories as (
    select
        {%- for measure in measures %}
        sum(daily_categories.{{ measure }}) as {{ measure }},
        {%- endfor %}
        daily_categories.activity_date
    from {{ ref('daily_categories') }} as daily_categories
    inner join {{ ref('mart_categories') }} as categories
        on daily_categories.category_id = categories.category_id
    where
        categories.category_level = 0
        and daily_categories.activity_date in ({{ new_dates('commerce_dates') }})
    group by daily_categories.activity_date
),

validation_errors as (
    select coalesce(products.activity_date, top_categories.activity_date) as activity_date
    from products
    full outer join top_categories on products.activity_date = top_categories.activity_date
    where
        false
        {%- for measure in measures %}
        or products.{{ measure }} is distinct from top_categories.{{ measure }}
        {%- endfor %}
)

select * from validation_errors
