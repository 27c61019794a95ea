{#- Condition: the row of `relation` has one of the keys that the query `keys` (one column) tells, and meets `condition`. Rows are
    found by their keys alone, then read: few of a long history are wanted, and to read all columns of all would take several
    times as long. `condition` is for what lets DuckDB skip rows, such as dates: beside any other it takes the relation for short and puts
    all of its keys in memory. Views and the fixtures of unit tests have no row numbers. -#}
{% macro has_key_of(relation, key, keys, condition='true') -%}
    {%- if has_row_numbers(relation) -%}
    rowid in (select rowid from {{ relation }} where {{ condition }} and {{ key }} in ({{ keys }}))
    {%- else -%}
    {{ condition }} and {{ key }} in ({{ keys }})
    {%- endif -%}
{%- endmacro %}

{#- Whether a relation is a table of the warehouse, whose rows DuckDB numbers (rowid). Under --empty and --sample dbt puts a
    subquery in its place. -#}
{% macro has_row_numbers(relation) -%}
    {%- set held = load_relation(relation) if execute and relation is not string and not relation.is_cte else none -%}
    {{ return(held is not none and held.is_table and not (relation | string).startswith('(')) }}
{%- endmacro %}
