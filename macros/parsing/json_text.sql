{#- A field of a JSON text as text; null when the text is no JSON object, or has no such field, or it is empty. Only a text that
    names the field, or may name it in escapes, is parsed: looking for the name is a tenth of the price. -#}
{% macro json_text(document, field) -%}
    case
        when (contains({{ document }}, '{{ field }}') or contains({{ document }}, '\u')) and json_valid({{ document }})
            then nullif(trim({{ document }} ->> '$.{{ field }}'), '')
    end
{%- endmacro %}
