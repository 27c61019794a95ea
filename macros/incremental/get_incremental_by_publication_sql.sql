{#- Incremental strategy `by_publication`: what stands for a publication that was never made leaves; the rows of the next one come.
    What was published stays. -#}
{% macro get_incremental_by_publication_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set last = last_publication() -%}
    {%- if last.number %}
    delete from {{ arguments['target_relation'] }} where publication_number > {{ last.number }};
    {%- endif %}
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
