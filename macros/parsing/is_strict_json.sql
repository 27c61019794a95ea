{#- True when the text is JSON as RFC 8259 has it. DuckDB's json_valid also takes trailing commas, NaN and Infinity (in any case): a
    text that might hold one is looked at again with its strings taken out, where such a token cannot be data. Each of the four
    first looks starts at a fixed place or character, which RE2 finds by memchr: 0.2 of the seconds of one expression for all. -#}
{% macro is_strict_json(document) -%}
    {{ return(adapter.dispatch('is_strict_json', 'clickstream')(document)) }}
{%- endmacro %}

{% macro duckdb__is_strict_json(document) -%}
    {%- set constant = '-?(?:[nN][aA][nN]|[iI][nN][fF])' -%}
    case
        when not json_valid({{ document }}) then false
        when
            regexp_matches({{ document }}, ':\s*{{ constant }}')
            or regexp_matches({{ document }}, ',\s*(?:[}\]]|{{ constant }})')
            or regexp_matches({{ document }}, '\[\s*{{ constant }}')
            or regexp_matches({{ document }}, '^\s*{{ constant }}')
            then not regexp_matches(
                regexp_replace({{ document }}, '"(?:[^"\\]|\\.)*"', '""', 'g'), '(?i),\s*[}\]]|nan|inf'
            )
        else true
    end
{%- endmacro %}
