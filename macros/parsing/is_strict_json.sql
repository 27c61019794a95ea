{#- True when the text is JSON as RFC 8259 has it. DuckDB's json_valid also takes trailing commas, NaN and Infinity (in any case): a
    text that might hold one is looked at again with its strings taken out, where such a token cannot be data. The cheap looks come
    first because every line is tested: byte searches (nearly free) and a regular expression that starts at a comma. -#}
{% macro is_strict_json(document) -%}
    {{ return(adapter.dispatch('is_strict_json', 'clickstream')(document)) }}
{%- endmacro %}

{% macro duckdb__is_strict_json(document) -%}
    case
        when not json_valid({{ document }}) then false
        when
            {% for token in ['nan', 'naN', 'nAn', 'nAN', 'Nan', 'NaN', 'NAn', 'NAN', 'inf', 'inF', 'iNf', 'iNF', 'Inf', 'InF', 'INf', 'INF'] -%}
            contains({{ document }}, '{{ token }}') or {% endfor -%}
            regexp_matches({{ document }}, ',\s*[}\]]')
            then not regexp_matches(
                regexp_replace({{ document }}, '"(?:[^"\\]|\\.)*"', '""', 'g'), '(?i),\s*[}\]]|nan|inf'
            )
        else true
    end
{%- endmacro %}
