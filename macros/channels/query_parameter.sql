{#- The value of a parameter of a query string, decoded; null when it is absent or empty. -#}
{% macro query_parameter(query, name) -%}
    {{ return(adapter.dispatch('query_parameter', 'clickstream')(query, name)) }}
{%- endmacro %}

{% macro duckdb__query_parameter(query, name) -%}
    {{ null_if_blank("url_decode(replace(regexp_extract(" ~ query ~ ", '(?:^|&)" ~ name ~ "=([^&]*)', 1), '+', ' '))") }}
{%- endmacro %}

{#- True when a query string has a parameter with a value; `name` is a column or expression. -#}
{% macro has_query_parameter(query, name) -%}
    (
        contains('&' || {{ query }}, '&' || {{ name }} || '=')
        and not contains('&' || {{ query }} || '&', '&' || {{ name }} || '=&')
    )
{%- endmacro %}
