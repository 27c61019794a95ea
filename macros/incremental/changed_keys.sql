{#- Keys of an entity that must be built anew: those seen on a changed date now, and those that had
    been seen around it before. `days_relation` holds one row per key and date; `this` has
    first_event_at and last_event_at per key. -#}
{% macro changed_keys(days_relation, key) -%}
    select {{ key }}
    from {{ days_relation }}
    where {{ (config.get('meta') or {}).get('days_date', 'event_date') }} in ({{ changed_dates(followed_dates()) }})
    union
    select held.{{ key }}
    from {{ this }} as held
    semi join ({{ changed_dates(followed_dates()) }}) as changed
        on
            changed.event_date >= cast(held.first_event_at as date)
            and changed.event_date <= cast(held.last_event_at as date)
{%- endmacro %}

{% macro in_changed_keys(days_relation, key) -%}
    {%- if is_incremental() -%}
    {{ key }} in ({{ changed_keys(days_relation, key) }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#- Incremental strategy `by_entity`: changed keys leave and come again; `config.meta`: key, days
    (model with a row per key and date). -#}
{% macro get_incremental_by_entity_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set key = config.require('meta')['key'] -%}
    delete from {{ arguments['target_relation'] }}
    where {{ key }} in ({{ changed_keys(ref(config.require('meta')['days']), key) }});
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
