{#- A number that puts the events of a session in order: by time, a tie by the key of the event id.
    -#}
{% macro event_order(events) -%}
    {{ return(adapter.dispatch('event_order', 'clickstream')(events)) }}
{%- endmacro %}

{% macro duckdb__event_order(events) -%}
    (cast(epoch_us({{ events }}.event_at) as hugeint) * 18446744073709551616 + {{ events }}.event_key)
{%- endmacro %}
