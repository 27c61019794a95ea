{#- Incremental strategy `by_date`: the changed dates are emptied and filled again, of those that have grown the keys that did
    or to which lines were added (grown_dates); `config.meta.date_column` names the date. -#}
{% macro get_incremental_by_date_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set meta = config.require('meta') -%}
    delete from {{ arguments['target_relation'] }}
    where {{ meta['date_column'] }} in ({{ whole_dates() }});
    {%- if 'adds_by' in meta %}
    delete from {{ arguments['target_relation'] }}
    where
        {{ meta['date_column'] }} in ({{ grown_dates() }})
        and ({{ meta['date_column'] }}, {{ meta['adds_by'] }}) in (
            select ({{ meta['date_column'] }}, {{ meta['adds_by'] }}) from {{ arguments['temp_relation'] }}
        );
    {%- elif grows() %}
    delete from {{ arguments['target_relation'] }}
    where {{ meta['date_column'] }} in ({{ grown_dates() }}) and {{ meta['grows_by'] }} in ({{ grown_keys() }});
    {%- endif %}
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
