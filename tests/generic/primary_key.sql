{#- The columns identify a row: no combination of them stands in two rows, and none of them is null.
    One scan, one result row per offending key. `hash_column`: a 64-bit hash of the key (a column, or
    an expression of columns), for large tables; rows are compared by the columns themselves only
    where two hashes agree. -#}
{% test primary_key(model, columns, hash_column=none) %}
    {%- if columns is string or columns is mapping or columns is not sequence or not columns -%}
        {{ exceptions.raise_compiler_error(
            "primary_key: 'columns' must be a list of column names, not '" ~ columns ~ "'."
        ) }}
    {%- endif -%}
    {%- if hash_column is not none and hash_column is not string -%}
        {{ exceptions.raise_compiler_error(
            "primary_key: 'hash_column' must be a column name or an expression, not '" ~ hash_column ~ "'."
        ) }}
    {%- endif -%}
    {%- set keys = [] -%}
    {%- for column in columns -%}
        {%- do keys.append('checked.' ~ column if hash_column else column) -%}
    {%- endfor %}

with validation_errors as (
    select
        {{ keys | join(',\n        ') }},
        count(*) as row_count
    {%- if hash_column %}
    from (select *, {{ hash_column }} as key_hash from {{ model }}) as checked
    left join (
        select {{ hash_column }} as key_hash from {{ model }}
        group by {{ hash_column }}
        having count(*) > 1
    ) as suspects
        on checked.key_hash = suspects.key_hash
    where
        suspects.key_hash is not null
        or checked.key_hash is null
        {%- for key in keys %}
        or {{ key }} is null
        {%- endfor %}
    {%- else %}
    from {{ model }}
    {%- endif %}
    group by {{ keys | join(', ') }}
    having
        count(*) > 1
        {%- for key in keys %}
        or {{ key }} is null
        {%- endfor %}
)

select * from validation_errors

{% endtest %}
