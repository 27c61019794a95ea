{#- Incremental strategy `by_arrival`: rows of forgotten arrivals leave, rows of new ones come. The model selects new arrivals only. -#}
{% macro get_incremental_by_arrival_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }}
    where {{ in_arrivals(changed_arrivals(arrivals_upstream())) }};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
