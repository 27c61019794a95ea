-- Pages that were seen in events.
-- Grain: one row per page_path (natural key: shorter than any surrogate once columns are
-- compressed).

{{ config(materialized='table') }}

with page_days as (
    select * from {{ ref('page_days') }}
),

merged as (
    select
        page_path,
        {{ product_id_from_path('page_path') }} as product_id_text,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from page_days
    group by page_path
),

final as (
    select
        page_path,
        product_id_text is not null as is_product_page,
        {{ valid_product_id('product_id_text') }} as product_id,
        first_event_at,
        last_event_at
    from merged
)

select * from final
