{#- A JSON document as a struct of text fields; null when the text is not valid JSON. `fields`: name -> list of names under which
    the field may arrive (the first one that is there wins). A field that holds an object or array arrives as its JSON text. -#}
{% macro parse_json(document, fields) -%}
    {{ return(adapter.dispatch('parse_json', 'clickstream')(document, fields)) }}
{%- endmacro %}

{% macro duckdb__parse_json(document, fields) -%}
    {%- set shape = [] -%}
    {%- for name in fields -%}
        {%- do shape.append('"' ~ name ~ '":"VARCHAR"') -%}
    {%- endfor -%}
    case when {{ is_strict_json(document) }} then from_json({{ document }}, '{ {{- shape | join(",") -}} }') end
{%- endmacro %}
