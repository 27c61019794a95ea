{#- All reasons that apply, as a list of codes (seed reject_reasons); null when there is none. `conditions`: code -> SQL condition.
    The list is built for failing rows only. -#}
{% macro reasons(conditions) -%}
    case
        when {% for code, condition in conditions.items() %}({{ condition }}){{ " or " if not loop.last }}{% endfor %}
            then list_filter(
                [{% for code, condition in conditions.items() %}
                    case when {{ condition }} then '{{ code }}' end{{ "," if not loop.last }}
                {%- endfor %}
                ],
                lambda reason: reason is not null
            )
    end
{%- endmacro %}
