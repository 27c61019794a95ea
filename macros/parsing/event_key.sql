{#- A 64-bit hash of an event id: lookups compare 8 bytes first, the id itself decides. DuckDB's own hash costs a seventieth of md5,
    but may change with its version: require_same_hash makes a build after such an upgrade ask for --full-refresh. -#}
{% macro event_key(event_id) -%}
    {{ return(adapter.dispatch('event_key', 'clickstream')(event_id)) }}
{%- endmacro %}

{% macro duckdb__event_key(event_id) -%}
    hash({{ event_id }})
{%- endmacro %}
