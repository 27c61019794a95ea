{#- Events with `is_bot`: whether a rule calls their session a bot's on their date. `condition` says which dates are read, as SQL on
    events.event_date; `events` a part of them, if not all are looked through. -#}
{% macro marked_events(condition, events=none) -%}
    select
        events.*,
        bot_session_days.session_id is not null as is_bot
    from {{ events or ref('events') }} as events
    left join {{ ref('bot_session_days') }} as bot_session_days
        on
            events.session_id = bot_session_days.session_id
            and events.event_date = bot_session_days.event_date
    where {{ condition }}
{%- endmacro %}
