{#- Who was it: the user where known, else the session (prefixed, so that a session never merges with a user of the same name). -#}
{% macro visitor_id(user_id, session_id) -%}
    coalesce({{ user_id }}, 'session:' || {{ session_id }})
{%- endmacro %}
