{#- Every key that a row refers to exists. `references`: column -> relation with a column of the same
    name, or column -> {to: relation, field: column, where: condition, by_hash: true}. `field` is needed
    where the names differ. `where` says which rows may be referred to, with the place holders of a test's
    own `where` and `__rows__`, the rows that are tested: those of a long history need not be read when they are new. `by_hash`
    compares 64-bit hashes of keys of one type: those of ten million rows fit into memory, their texts do not;
    a missing key then goes unseen once in 10^12. Null refers to nothing. One result row per missing key,
    with the number of rows that refer to it. One scan for all columns. -#}
{% test foreign_keys(model, references) %}
    {%- if references is not mapping or references | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "foreign_keys: 'references' must map columns to relations (user_id: ref('users')), not '"
            ~ references ~ "'."
        ) }}
    {%- endif %}

{%- set parents = {} %}
{%- set conditions = {none: 'true'} %}
{%- for column, reference in references.items() %}
    {%- set described = reference if reference is mapping and 'to' in reference else {'to': reference} %}
    {%- set where = described.get('where') %}
    {%- if where not in conditions %}
        {%- do conditions.update({where: expand_new_data(where) | replace('__rows__', model | string)}) %}
    {%- endif %}
    {%- do parents.update({column: {
        'to': described['to'],
        'field': described.get('field', column),
        'where': conditions[where],
        'compare': 'hash' if described.get('by_hash') else '',
    }}) %}
{%- endfor %}

with compared as (
    select
        {%- for column, parent in parents.items() %}
        {{ column }},
        {{ column }} is not null and {{ parent.compare }}({{ column }}) not in (
            select {{ parent.compare }}({{ parent.field }}) from {{ parent.to }}
            where {{ parent.field }} is not null and ({{ parent.where }})
        ) as {{ column }}_is_missing{{ "," if not loop.last }}
        {%- endfor %}
    from {{ model }}
),

orphans as (
    select * from compared
    where {% for column in parents %}{{ column }}_is_missing{{ " or " if not loop.last }}{% endfor %}
),

validation_errors as (
    {%- for column, parent in parents.items() %}
    select
        '{{ column }}' as column_name,
        '{{ parent.to }}' as missing_in,
        cast({{ column }} as varchar) as missing_key,
        count(*) as row_count
    from orphans
    where {{ column }}_is_missing
    group by {{ column }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from validation_errors

{% endtest %}
