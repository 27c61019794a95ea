{#- part / whole stays within `max_ratio` (0–1), for each value of `group_by` over all data and, where
    `judged_by` names a column (a date, a file), for each value of it alone too, so that a bad day
    cannot hide behind good years. `judged_where` limits these single verdicts to values with a row
    for which it is true (place holders as in `where`); values with a whole below `minimum_whole` get
    none, their ratio says little. The failures reported are the parts (events, lines) in the worst
    group. -#}
{% test ratio_at_most(
    model, part, whole, max_ratio, group_by, judged_by=none, judged_where='true', minimum_whole=100
) %}
    {%- if max_ratio is not number or max_ratio < 0 or max_ratio > 1 -%}
        {{ exceptions.raise_compiler_error(
            "ratio_at_most: 'max_ratio' must be a number from 0 to 1, not '" ~ max_ratio ~ "'."
        ) }}
    {%- endif -%}
    {%- if minimum_whole is not number or minimum_whole < 0 -%}
        {{ exceptions.raise_compiler_error(
            "ratio_at_most: 'minimum_whole' must be a number from 0, not '" ~ minimum_whole ~ "'."
        ) }}
    {%- endif -%}
    {{ config(fail_calc='coalesce(max(part_count), 0)') }}

with judged as (
    select
        {{ group_by }} as group_name,
        cast(null as varchar) as judged_value,
        coalesce(sum({{ part }}), 0) as part_count,
        coalesce(sum({{ whole }}), 0) as whole_count
    from {{ model }}
    group by {{ group_by }}
    {%- if judged_by %}
    union all
    select
        {{ group_by }} as group_name,
        cast({{ judged_by }} as varchar) as judged_value,
        coalesce(sum({{ part }}), 0) as part_count,
        coalesce(sum({{ whole }}), 0) as whole_count
    from {{ model }}
    where {{ judged_by }} is not null
    group by {{ group_by }}, {{ judged_by }}
    having
        coalesce(sum({{ whole }}), 0) >= {{ minimum_whole }}
        and bool_or({{ expand_new_data(judged_where) }})
    {%- endif %}
),

validation_errors as (
    select
        group_name,
        judged_value,
        part_count,
        whole_count,
        part_count / whole_count as ratio
    from judged
    where whole_count > 0 and part_count > whole_count * {{ max_ratio }}
)

select * from validation_errors

{% endtest %}
