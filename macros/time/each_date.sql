{#- The dates from one to another, both included, as rows: stands alone in a select list. -#}
{% macro each_date(first_date, last_date) -%}
    {{ return(adapter.dispatch('each_date', 'clickstream')(first_date, last_date)) }}
{%- endmacro %}

{% macro duckdb__each_date(first_date, last_date) -%}
    cast(unnest(generate_series(
        cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval 1 day
    )) as date)
{%- endmacro %}
