{#- Refuses an increment on keys that another version of the engine has made: old and new rows would not meet, and repeats would be
    missed. A full refresh makes all keys anew. -#}
{% macro require_same_hash() -%}
    {%- if execute -%}
        {%- set probe = "select cast(" ~ event_key("'clickstream'") ~ " as varchar)" -%}
        {%- set known = run_query('select hash_probe from operations.engine').columns[0].values() -%}
        {%- set current = run_query(probe).columns[0].values()[0] -%}
        {%- if known and known[0] != current and not flags.FULL_REFRESH -%}
            {{ exceptions.raise_compiler_error(
                "This version of DuckDB hashes differently from the one that built the warehouse, so repeated events would be missed. "
                ~ "Build once with --full-refresh (clickstream run --full-refresh)."
            ) }}
        {%- endif -%}
    delete from operations.engine;
    insert into operations.engine values ('{{ current }}')
    {%- endif -%}
{%- endmacro %}
