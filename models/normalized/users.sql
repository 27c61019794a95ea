-- Users of the shop: those of the catalogue, and those only seen in events or orders (inferred
-- members).
-- Grain: one row per user_id.

{{ config(materialized='table') }}

with catalogue_users as (
    select * from {{ ref('stg_catalogue__users') }}
    where reject_reasons is null
    qualify
        row_number() over (
            partition by user_id order by _source_file desc, _dlt_load_id desc, _source_line desc
        ) = 1
),

seen_users as (
    select user_id from {{ ref('visitors') }}
    where user_id is not null
    union
    select user_id from {{ ref('orders') }}
    where user_id is not null
),

final as (
    select
        coalesce(catalogue_users.user_id, seen_users.user_id) as user_id,
        catalogue_users.user_id is null as is_inferred,
        catalogue_users.registered_at,
        catalogue_users.country
    from catalogue_users
    full outer join seen_users on catalogue_users.user_id = seen_users.user_id
)

select * from final
