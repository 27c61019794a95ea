{#- True when an event of this action must name a page: all but those of the var actions_without_page (server-side events). -#}
{% macro page_is_required(action) -%}
    {%- if var('actions_without_page') -%}
    (coalesce({{ action }}, '') not in ({% for name in var('actions_without_page') %}'{{ name }}'{{ ", " if not loop.last }}{% endfor %}))
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
