-- Orders, each in its latest version.
-- Grain: one row per order_id.

{{ config(
    materialized='incremental',
    incremental_strategy='by_order',
    post_hook=["{{ record_arrivals() }}"],
    meta={'arrivals_of': ['stg_shop__orders']},
) }}

with order_versions as (
    select * from {{ ref('stg_shop__orders') }}
    where
        reject_reasons is null
        {% if is_incremental() -%}
        and order_id in ({{ changed_order_ids() }})
        {%- endif %}
),

final as (
    select
        order_id,
        user_id,
        status,
        currency,
        total_amount,
        ordered_at,
        order_date,
        updated_at,
        _source_file,
        _source_line,
        _dlt_load_id
    from order_versions
    qualify row_number() over (
        partition by order_id
        order by updated_at desc, _source_file desc, _dlt_load_id desc, _source_line desc
    ) = 1
)

select * from final
