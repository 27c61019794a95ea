{#- Event keys whose repeats may have changed: those in lines that are new, and those whose kept or repeated line is gone. -#}
{% macro affected_event_keys() -%}
    select event_key
    from ({{ event_rows() }}) as new_lines
    where
        not is_blank and reject_reasons is null
        and {{ in_arrivals(changed_arrivals(arrivals_upstream()), 'is_new') }}
    union
    select event_key
    from {{ this }}
    where
        {{ in_arrivals(changed_arrivals(arrivals_upstream()), 'not is_new') }}
        or {{ in_arrivals(
            changed_arrivals(arrivals_upstream()), 'not is_new', 'kept_load_id', 'kept_source_file'
        ) }}
{%- endmacro %}

{#- Incremental strategy `by_event_key`: the repeats of affected event keys are decided anew. -#}
{% macro get_incremental_by_event_key_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }} where event_key in ({{ affected_event_keys() }});
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
