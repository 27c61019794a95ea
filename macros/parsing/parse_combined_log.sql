{#- A line in combined or common log format, with or without a virtual host in front and more fields behind, as a struct of text
    fields: ip, user_name, time, method, target, protocol, status, bytes, referrer, user_agent (absent: '-' or empty). Null when the
    line is not in that format. Quotes inside quotes are escaped by today's servers; where they are not, the line still counts. -#}
{% macro parse_combined_log(payload) -%}
    {{ return(adapter.dispatch('parse_combined_log', 'clickstream')(payload)) }}
{%- endmacro %}

{% macro duckdb__parse_combined_log(payload) -%}
    {%- set text = '(?:[^"\\\\]|\\\\.)*' -%}
    {%- set quoted = '"(' ~ text ~ '|.*?)"' -%}
    {%- set pattern = '^(?:[^ :]+:[0-9]+ )?([^ ]+) [^ ]+ (.+?) \\[([^\\]]+)\\] "(?:([A-Z]+) )?(' ~ text ~ '?|.*?)(?: (HTTP/[0-9.]+))?" ([0-9]{3}) ([0-9]+|-)(?: '
        ~ quoted ~ ' ' ~ quoted ~ '(?: .*)?)?$' -%}
    case
        when regexp_matches({{ payload }}, '{{ pattern }}')
            then regexp_extract(
                {{ payload }},
                '{{ pattern }}',
                ['ip', 'user_name', 'time', 'method', 'target', 'protocol', 'status', 'bytes', 'referrer', 'user_agent']
            )
    end
{%- endmacro %}

{#- A field of a log line; null where the server wrote '-' or nothing. -#}
{% macro log_text(field) -%}
    nullif(nullif({{ field }}, '-'), '')
{%- endmacro %}
