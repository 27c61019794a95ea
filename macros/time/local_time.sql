{#- A UTC timestamp as the clock of the reporting time zone (var reporting_time_zone) shows it. -#}
{% macro local_time(utc_timestamp) -%}
    {%- if reports_in_utc() -%}
        {{ utc_timestamp }}
    {%- else -%}
        {{ return(adapter.dispatch('local_time', 'clickstream')(utc_timestamp)) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__local_time(utc_timestamp) -%}
    timezone('{{ var("reporting_time_zone") }}', timezone('UTC', {{ utc_timestamp }}))
{%- endmacro %}

{#- Whether local days are UTC dates. -#}
{% macro reports_in_utc() -%}
    {{ return(var('reporting_time_zone') | upper in ['UTC', 'ETC/UTC']) }}
{%- endmacro %}

{#- Before a run: the var reporting_time_zone names a time zone that the engine knows. -#}
{% macro require_time_zone() -%}
    {%- if execute -%}
        {%- set zone = var('reporting_time_zone') | string -%}
        {%- set known = run_query(
            "select max(name) from pg_timezone_names() where lower(name) = lower('" ~ zone | replace("'", "''") ~ "')"
        ).columns[0].values()[0] -%}
        {%- if not known -%}
            {{ exceptions.raise_compiler_error(
                "The var reporting_time_zone is '" ~ zone ~ "', which is no known time zone. Write one of the IANA names in "
                ~ "dbt_project.yml, as in Europe/Berlin, America/New_York or UTC."
            ) }}
        {%- endif -%}
    {%- endif -%}
    select 1
{%- endmacro %}
