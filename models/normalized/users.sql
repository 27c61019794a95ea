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
    union all
    select user_id from {{ ref('orders') }}
    where user_id is not null
),

known_users as (
    select user_id from {{ ref('stg_catalogue__users') }}
    where reject_reasons is null
),

-- Nearly all who are seen are known: to look them up costs less than to take repeats out first.
inferred_users as (
    select distinct seen_users.user_id
    from seen_users
    anti join known_users on seen_users.user_id = known_users.user_id
),

final as (
    select
        user_id,
        false as is_inferred,
        registered_at,
        country
    from catalogue_users
    union all
    select
        user_id,
        true as is_inferred,
        null as registered_at,
        null as country
    from inferred_users
)

select * from final
