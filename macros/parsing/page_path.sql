{#- The path of a page: without scheme, host, query and fragment; the root is '/'. -#}
{% macro page_path(page) -%}
    case
        when starts_with({{ page }}, '/') and not starts_with({{ page }}, '//')
            then case
                when contains({{ page }}, '?') or contains({{ page }}, '#')
                    then split_part(split_part({{ page }}, '?', 1), '#', 1)
                else {{ page }}
            end
        when {{ page }} <> ''
            then coalesce(
                nullif(regexp_extract({{ page }}, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)', 1), ''), '/'
            )
    end
{%- endmacro %}

{#- The query of a page (without '?' and fragment), null when there is none. -#}
{% macro page_query(page) -%}
    case
        when contains({{ page }}, '?')
            then nullif(substr(split_part({{ page }}, '#', 1), strpos({{ page }}, '?') + 1), '')
    end
{%- endmacro %}
