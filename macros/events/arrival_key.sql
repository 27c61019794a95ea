{#- 64-bit hash of a row's arrival (source, load, file), to be compared in place of the three texts; the data test
    assert_arrivals_have_keys_of_their_own sees that no two arrivals share one. -#}
{% macro arrival_key(relation) -%}
    {{ return(adapter.dispatch('arrival_key', 'clickstream')(relation)) }}
{%- endmacro %}

{% macro duckdb__arrival_key(relation) -%}
    hash({{ relation }}.source_name, {{ relation }}._dlt_load_id, {{ relation }}._source_file)
{%- endmacro %}
