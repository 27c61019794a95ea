{#- A 64-bit key of an event id, the same on every engine and version: lookups compare 8 bytes first, the id itself decides. -#}
{% macro event_key(event_id) -%}
    md5_number_lower({{ event_id }})
{%- endmacro %}
