{#- Incremental strategy `by_content`: figures of dates whose rows have changed leave, the new ones come (see date_figures). -#}
{% macro get_incremental_by_content_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }}
    where (mart_name, figure_date, content_hash) not in (
        select (mart_name, figure_date, content_hash) from ({{ mart_dates() }}) as mart_dates
    );
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}

{#- What the dated marts hold, by their own books: a hash of the rows of each date. -#}
{% macro mart_dates() -%}
    select
        case model_name when 'mart_sessions rows' then 'sessions' else model_name end as mart_name,
        cast(partition_key as date) as figure_date,
        content_hash
    from operations.model_partitions
    where row_count > 0
{%- endmacro %}
