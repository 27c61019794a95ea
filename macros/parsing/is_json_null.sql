{#- True when the text is the JSON value null: valid, though not an object. -#}
{% macro is_json_null(document) -%}
    (trim({{ document }}, ' ' || chr(9) || chr(13)) = 'null')
{%- endmacro %}
