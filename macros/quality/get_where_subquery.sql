{#- dbt calls this for the config `where` of every data test. Ours fills the place holders for new
    data first, so that the cost of a test on a large table does not grow with its history:
    `where: event_date in __new_dates__`. -#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if not where -%}
        {{ return(relation) }}
    {%- endif -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ expand_new_data(where) ~ ') as new_data') }}
{%- endmacro %}
