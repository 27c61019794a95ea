-- Items of the latest version of each order; items with a rejected quantity, price or product stay
-- in quarantine.
-- Grain: one row per order_id and item_number (position in the order, from 1).

{{ config(
    materialized='incremental',
    incremental_strategy='by_order',
    post_hook=["{{ record_arrivals() }}"],
    meta={'arrivals_of': ['stg_shop__orders']},
) }}

-- depends_on: {{ ref('stg_shop__orders') }}
-- Its tests look at the dates that changed:
-- depends_on: {{ ref('order_dates') }}

with orders as (
    select * from {{ ref('orders') }}
    {% if is_incremental() -%}
    where order_id in ({{ changed_order_ids() }})
    {%- endif %}
),

order_item_versions as (
    select * from {{ ref('stg_shop__orders__items') }}
    where reject_reasons is null
),

final as (
    select
        orders.order_id,
        order_item_versions.item_number,
        order_item_versions.product_id,
        order_item_versions.quantity,
        order_item_versions.unit_price_amount,
        orders.order_date
    from orders
    inner join order_item_versions
        on
            orders._dlt_load_id = order_item_versions._dlt_load_id
            and orders._source_file = order_item_versions._source_file
            and orders._source_line = order_item_versions._source_line
)

select * from final
