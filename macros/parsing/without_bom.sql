{#- Text without the byte order mark that some writers put in front of a file. -#}
{% macro without_bom(column) -%}
    case when starts_with({{ column }}, chr(65279)) then substr({{ column }}, 2) else {{ column }} end
{%- endmacro %}
