{#- The value of a parameter of a query string, decoded; null when it is absent or empty. What decodes
    to no valid UTF-8 (`%FF`) stays as it was sent. -#}
{% macro query_parameter(query, name) -%}
    {{ return(adapter.dispatch('query_parameter', 'clickstream')(query, name)) }}
{%- endmacro %}

{% macro duckdb__query_parameter(query, name) -%}
    {%- set sent = "replace(regexp_extract(" ~ query ~ ", '(?:^|&)" ~ name ~ "=([^&]*)', 1), '+', ' ')" -%}
    {{ null_if_blank("coalesce(try(url_decode(" ~ sent ~ ")), " ~ sent ~ ")") }}
{%- endmacro %}

{#- True when a query string has a parameter with a value; `name` is a column or expression. -#}
{% macro has_query_parameter(query, name) -%}
    (
        contains('&' || {{ query }}, '&' || {{ name }} || '=')
        and not contains('&' || {{ query }} || '&', '&' || {{ name }} || '=&')
    )
{%- endmacro %}
