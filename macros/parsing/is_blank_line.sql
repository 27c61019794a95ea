{#- True when a line holds nothing but white space. -#}
{% macro is_blank_line(payload) -%}
    (trim({{ payload }}, ' ' || chr(9) || chr(13)) = '')
{%- endmacro %}
