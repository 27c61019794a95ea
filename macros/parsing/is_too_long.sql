{#- True when a line is longer than an event may be (var longest_event_bytes): such a line is not parsed, so that a few of them
    cannot take all of the memory. DuckDB knows the bytes of a text without reading it. -#}
{% macro is_too_long(payload) -%}
    {{ return(adapter.dispatch('is_too_long', 'clickstream')(payload)) }}
{%- endmacro %}

{% macro duckdb__is_too_long(payload) -%}
    (strlen({{ payload }}) > {{ var('longest_event_bytes') }})
{%- endmacro %}
