{#- A field of a JSON text as text; null when the text is no JSON object, or has no such field, or it is empty. -#}
{% macro json_text(document, field) -%}
    case when json_valid({{ document }}) then {{ null_if_blank(document ~ " ->> '$." ~ field ~ "'") }} end
{%- endmacro %}
