{#- Text without surrounding spaces; null when nothing is left. Few values have any: the look is a tenth of the price of trim. -#}
{% macro null_if_blank(column) -%}
    nullif(
        case
            when starts_with({{ column }}, ' ') or ends_with({{ column }}, ' ') then trim({{ column }})
            else {{ column }}
        end,
        ''
    )
{%- endmacro %}
