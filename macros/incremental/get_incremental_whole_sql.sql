{#- Incremental strategy `whole`: every row is written anew. For small models that read their own
    earlier rows, so as not to work out again what they hold. -#}
{% macro get_incremental_whole_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
