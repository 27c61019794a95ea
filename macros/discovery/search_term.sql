{#- What somebody searched for, by the query of the page (var search_parameters): in lower case, with
    single spaces; null when the page is no search. -#}
{% macro search_term(page_query) -%}
    nullif(trim(regexp_replace(lower(coalesce(
        {%- for parameter in var('search_parameters') %}
        case
            when {{ has_query_parameter(page_query, "'" ~ parameter ~ "'") }}
                then {{ query_parameter(page_query, parameter) }}
        end{{ "," if not loop.last }}
        {%- endfor %}
    )), '\s+', ' ', 'g')), '')
{%- endmacro %}
