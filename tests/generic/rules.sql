{#- Every row keeps every rule: accepted values, ranges, identities between columns. `rules`: name that
    states the rule -> SQL condition that is true for a good row (null is not true: write
    `x is null or x > 0` for an optional value). One scan, one result row per broken rule; the
    failures reported are the rows that break one. -#}
{% test rules(model, rules) %}
    {%- if rules is not mapping or rules | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "rules: 'rules' must map names to SQL conditions (quantity_is_positive: quantity > 0), not '"
            ~ rules ~ "'."
        ) }}
    {%- endif -%}
    {{ config(fail_calc='coalesce(sum(violation_count), 0)') }}

with counted as (
    select
        {%- for name, condition in rules.items() %}
        count(*) filter (({{ condition }}) is not true) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ model }}
),

validation_errors as (
    {%- for name in rules %}
    select
        '{{ name }}' as rule_name,
        {{ name }} as violation_count
    from counted
    where {{ name }} > 0
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from validation_errors

{% endtest %}
