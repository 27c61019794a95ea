{#- A JSON document as a struct of text fields, one for each name a field may have; null when the text is not valid JSON.
    A field that holds an object or array arrives as its JSON text. Read the fields with json_field. -#}
{% macro parse_json(document, fields) -%}
    {{ return(adapter.dispatch('parse_json', 'clickstream')(document, fields)) }}
{%- endmacro %}

{% macro duckdb__parse_json(document, fields) -%}
    {%- set shape = [] -%}
    {%- for names in fields.values() -%}
        {%- for name in names -%}
            {%- do shape.append('"' ~ name ~ '":"VARCHAR"') -%}
        {%- endfor -%}
    {%- endfor -%}
    case when {{ is_strict_json(document) }} then from_json({{ document }}, '{ {{- shape | join(",") -}} }') end
{%- endmacro %}

{#- One field of a parsed document, under whichever of its names it arrived. -#}
{% macro json_field(document, fields, name) -%}
    {%- if execute and name not in fields -%}
        {{ exceptions.raise_compiler_error(
            "The field '" ~ name ~ "' is read by " ~ model.name ~ " but not declared: add it to the columns of its source YAML."
        ) }}
    {%- endif -%}
    {%- set names = fields.get(name, [name]) -%}
    {%- if names | length == 1 -%}
    {{ document }}."{{ names[0] }}"
    {%- else -%}
    coalesce({% for accepted in names %}{{ document }}."{{ accepted }}"{{ ", " if not loop.last }}{% endfor %})
    {%- endif -%}
{%- endmacro %}
