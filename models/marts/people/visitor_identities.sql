-- Who an anonymous visitor turned out to be: the user who logs in later in the session.
-- Grain: one row per anonymous_id (visitor_id of the events before the login).
-- A view: history follows when a late event shows the user.

{{ config(materialized='view', tags=['analytics'], meta={'publish': false}) }}

with sessions as (
    select * from {{ ref('sessions') }}
    where user_id is not null
),

final as (
    select
        {{ visitor_id('cast(null as varchar)', 'session_id') }} as anonymous_id,
        min_by(user_id, (first_event_at, session_id)) as user_id,
        min(first_event_at) as first_event_at
    from sessions
    group by {{ visitor_id('cast(null as varchar)', 'session_id') }}
)

select * from final
