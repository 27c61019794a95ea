-- Orders and revenue per day and channel under each attribution model: first, last and last
-- non-direct touch.
-- Grain: one row per session_date (of the session with the order), attribution_model,
-- channel_group, source and medium.
-- The models divide the same sessions and revenue: their sums per day are equal.

{{ config(
    materialized='incremental',
    incremental_strategy='by_date',
    post_hook=["{{ record_dates() }}"],
    tags=['analytics'],
    meta={
        'date_column': 'session_date',
        'publish_by': 'session_date',
        'dates_of': 'attribution_dates',
    },
) }}

with sessions as (
    select * from {{ ref('session_attribution') }}
    where {{ in_changed_dates('session_date', ref('attribution_dates')) }}
),

touches as (
    {%- for model in ['first', 'last', 'last_non_direct'] %}
    select
        session_date,
        '{{ model }}' as attribution_model,
        {{ model }}_channel_group as channel_group,
        {{ model }}_source as source,
        {{ model }}_medium as medium,
        order_count,
        revenue_amount
    from sessions
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        session_date,
        attribution_model,
        channel_group,
        source,
        medium,
        count(*) as session_count,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(revenue_amount) as decimal(18, 4)) as revenue_amount
    from touches
    group by session_date, attribution_model, channel_group, source, medium
)

select * from final
