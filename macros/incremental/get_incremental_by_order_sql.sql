{#- Orders with a new version; all orders when an arrival was forgotten (its orders are no longer known). -#}
{% macro changed_order_ids() -%}
    select order_id
    from {{ ref('stg_shop__orders') }}
    where
        _dlt_load_id in (
            select load_id from ({{ changed_arrivals(arrivals_upstream()) }}) as changed where is_new
        )
        or exists (select 1 from ({{ changed_arrivals(arrivals_upstream()) }}) as changed where not is_new)
{%- endmacro %}

{#- Incremental strategy `by_order`: orders with a new version are written anew. -#}
{% macro get_incremental_by_order_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }}
    where
        order_id in ({{ changed_order_ids() }})
        or exists (select 1 from ({{ changed_arrivals(arrivals_upstream()) }}) as changed where not is_new);
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
