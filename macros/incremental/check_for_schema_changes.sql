{#- In place of dbt's, which asks for the columns of both tables, each in a context of its own, after it has planned the query for the
    contract and then the contract's columns: whether new rows, held ones and the contract differ is one question. Where they do, dbt's
    own tells how. -#}
{% macro duckdb__check_for_schema_changes(source_relation, target_relation) -%}
    {%- set promised = get_empty_schema_sql(model.columns) if config.get('contract').enforced -%}
    {%- set query -%}
        select
            count(*) filter (where new_columns.column_type is distinct from held_columns.column_type),
            {{ 'count(*) filter (where new_columns.column_type is distinct from promised_columns.column_type)' if promised else 0 }}
        from (describe {{ source_relation }}) as new_columns
        full outer join (describe {{ target_relation }}) as held_columns using (column_name)
        {%- if promised %}
        full outer join (describe {{ promised }}) as promised_columns using (column_name)
        {%- endif %}
    {%- endset -%}
    {%- set differing = run_query(query).rows[0] -%}
    {%- if differing[1] -%}
        {%- do assert_columns_equivalent('select * from ' ~ source_relation) -%}
    {%- endif -%}
    {%- if differing[0] -%}
        {{ return(dbt.default__check_for_schema_changes(source_relation, target_relation)) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- if promised -%}
        {%- for column in model.columns.values() -%}
            {%- do columns.append(api.Column(column.name, column.data_type)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'schema_changed': false, 'source_columns': columns or get_columns_in_relation(source_relation)}) }}
{%- endmacro %}

{#- In place of dbt's, which asks for the columns of a query and of the contract one after the other. Where they differ, dbt's own tells
    how. -#}
{% macro duckdb__get_assert_columns_equivalent(sql) -%}
    {%- set query -%}
        select count(*)
        from (describe {{ get_empty_subquery_sql(sql, config.get('sql_header')) }}) as new_columns
        full outer join (describe {{ get_empty_schema_sql(model.columns) }}) as promised_columns using (column_name)
        where new_columns.column_type is distinct from promised_columns.column_type
    {%- endset -%}
    {%- if run_query(query).rows[0][0] -%}
        {{ return(assert_columns_equivalent(sql)) }}
    {%- endif -%}
{%- endmacro %}
