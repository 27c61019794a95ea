{#- The columns identify a row: no combination of them stands in two rows, and none of them is null.
    One scan, one result row per offending key. `hash_column`: a 64-bit hash of the key, for large
    tables; rows are compared by the columns themselves only where two hashes agree. -#}
{% test primary_key(model, columns, hash_column=none) %}
    {%- if columns is string or columns is mapping or columns is not sequence or not columns -%}
        {{ exceptions.raise_compiler_error(
            "primary_key: 'columns' must be a list of column names, not '" ~ columns ~ "'."
        ) }}
    {%- endif -%}
    {%- if hash_column is not none and hash_column is not string -%}
        {{ exceptions.raise_compiler_error(
            "primary_key: 'hash_column' must be a column name, not '" ~ hash_column ~ "'."
        ) }}
    {%- endif %}

with validation_errors as (
    select
        {{ columns | join(',\n        ') }},
        count(*) as row_count
    from {{ model }}
    {%- if hash_column %}
    where
        {{ hash_column }} is null
        or {{ hash_column }} in (
            select {{ hash_column }} from {{ model }}
            group by {{ hash_column }}
            having count(*) > 1
        )
    {%- endif %}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}
)

select * from validation_errors

{% endtest %}
