{#- DuckDB's own threads, where CLICKSTREAM_THREADS is set: a dbt profile cannot leave a setting out, and without the variable
    DuckDB takes every core. -#}
{% macro set_threads() -%}
    {%- set threads = env_var('CLICKSTREAM_THREADS', '') | int -%}
    {%- if threads %}set threads = {{ threads }}{% endif -%}
{%- endmacro %}
