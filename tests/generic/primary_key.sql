{#- The columns identify a row: no combination of them stands in two rows, and none of them is null.
    One result row per offending key. `hash_column`: a 64-bit hash of the key (a column, or an
    expression of columns), for large tables: one scan finds hashes that stand twice, another nulls;
    rows are compared by the columns themselves only where two hashes agree. -#}
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
    {%- set key = columns | join(', ') -%}
    {%- set has_null = columns | join(' is null or ') ~ ' is null' %}

with validation_errors as (
    {%- if hash_column %}
    select
        {{ key }},
        count(*) as row_count
    from (select *, {{ hash_column }} as key_hash from {{ model }}) as checked
    inner join (
        select {{ hash_column }} as suspect_hash from {{ model }}
        group by {{ hash_column }}
        having count(*) > 1
    ) as suspects
        on checked.key_hash is not distinct from suspects.suspect_hash
    where not ({{ has_null }})
    group by {{ key }}
    having count(*) > 1
    union all
    select
        {{ key }},
        count(*) as row_count
    from {{ model }}
    where {{ has_null }}
    group by {{ key }}
    {%- else %}
    select
        {{ key }},
        count(*) as row_count
    from {{ model }}
    group by {{ key }}
    having count(*) > 1 or {{ has_null }}
    {%- endif %}
)

select * from validation_errors

{% endtest %}
