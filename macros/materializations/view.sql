{#- In place of dbt's, as with tables (table.sql). -#}
{% materialization view, adapter='duckdb' -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- call put_in_place(target_relation) -%}
        {{ get_create_view_as_sql(target_relation, sql) }}
    {%- endcall -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
