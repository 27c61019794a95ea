-- Who an anonymous visitor turned out to be: the user who logs in later in the session.
-- Grain: one row per anonymous_id (visitor_id of the events before the login).
-- A view: history follows when a late event shows the user.
-- A session with an id of its own is a visitor of its own, so only derived sessions are grouped:
-- who asks for some dates does not group the sessions of all.

{{ config(materialized='view', tags=['analytics'], meta={'publish': false}) }}

with named as (
    select
        {{ visitor_id('cast(null as varchar)', 'session_id') }} as anonymous_id,
        user_id,
        first_event_at
    from {{ ref('sessions') }}
    where user_id is not null and not {{ is_derived_session('session_id') }}
),

derived as (
    select
        {{ visitor_id('cast(null as varchar)', 'session_id') }} as anonymous_id,
        min_by(user_id, (first_event_at, session_id)) as user_id,
        min(first_event_at) as first_event_at
    from {{ ref('sessions') }}
    where user_id is not null and {{ is_derived_session('session_id') }}
    group by {{ visitor_id('cast(null as varchar)', 'session_id') }}
),

final as (
    select * from named
    union all
    select * from derived
)

select * from final
