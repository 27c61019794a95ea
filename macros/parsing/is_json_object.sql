{#- True when a valid JSON text is an object (not an array, a number, …). -#}
{% macro is_json_object(document) -%}
    {{ return(adapter.dispatch('is_json_object', 'clickstream')(document)) }}
{%- endmacro %}

{% macro duckdb__is_json_object(document) -%}
    (json_type({{ without_bom(document) }}) = 'OBJECT')
{%- endmacro %}
