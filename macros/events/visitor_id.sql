{#- Who was it: the user where known, else the visitor key of a derived session, else the session
    (prefixed, so that a session never merges with a user of the same name). -#}
{% macro visitor_id(user_id, session_id) -%}
    coalesce(
        {{ user_id }},
        case
            when starts_with({{ session_id }}, 'derived:') then 'visitor:' || split_part({{ session_id }}, ':', 2)
            else 'session:' || {{ session_id }}
        end
    )
{%- endmacro %}
