{#- Incremental strategy `by_date`: the changed dates are emptied and filled again; `config.meta.date_column` names the date. -#}
{% macro get_incremental_by_date_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }}
    where {{ config.require('meta')['date_column'] }} in ({{ changed_dates(followed_dates()) }});
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
