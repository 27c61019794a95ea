{#- In place of dbt-duckdb's: the new table takes the place of the old one in one transaction, where dbt-duckdb makes it under another name,
    renames both and drops the old one: four statements more for each table of each build. What ours leaves out (Python, indexes)
    is left to dbt-duckdb. -#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- if model.language != 'sql' or config.get('indexes') -%}
        {{ return(dbt.materialization_table_duckdb()) }}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- call put_in_place(target_relation) -%}
        {{ create_table_as(false, target_relation, compiled_code) }}
    {%- endcall -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
