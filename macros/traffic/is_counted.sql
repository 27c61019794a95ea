{#- True for what the marts count: everything, or with the var exclude_bots all but bots. -#}
{% macro is_counted(is_bot) -%}
    {{ 'not ' ~ is_bot if var('exclude_bots') else 'true' }}
{%- endmacro %}
