{#- Text without surrounding white space; null when nothing is left. -#}
{% macro null_if_blank(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}
