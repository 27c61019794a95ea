{#- Every key that a row refers to exists. `references`: column -> relation with a column of the same
    name, or column -> {to: relation, field: column}. Null refers to nothing. One result row per
    missing key, with the number of rows that refer to it. -#}
{% test foreign_keys(model, references) %}
    {%- if references is not mapping or references | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "foreign_keys: 'references' must map columns to relations (user_id: ref('users')), not '"
            ~ references ~ "'."
        ) }}
    {%- endif %}

with validation_errors as (
    {%- for column, reference in references.items() %}
    {%- set has_field = reference is mapping and 'field' in reference and 'to' in reference %}
    {%- set to = reference['to'] if has_field else reference %}
    {%- set field = reference['field'] if has_field else column %}
    select
        '{{ column }}' as column_name,
        '{{ to }}' as missing_in,
        cast(referring.{{ column }} as varchar) as missing_key,
        referring.row_count
    from (
        select
            {{ column }},
            count(*) as row_count
        from {{ model }}
        where {{ column }} is not null
        group by {{ column }}
    ) as referring
    left join {{ to }} as referred on referring.{{ column }} = referred.{{ field }}
    where referred.{{ field }} is null
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from validation_errors

{% endtest %}
