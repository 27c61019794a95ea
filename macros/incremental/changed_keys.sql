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

{#- Condition: the row of `relation` has one of the keys that the query `keys` (one column) tells. Rows are found by their
    keys alone, then read: few of a long history are wanted, and to read all columns of all would take several times as long.
    Views and the fixtures of unit tests have no row numbers. -#}
{% macro has_key_of(relation, key, keys) -%}
    {%- if has_row_numbers(relation) -%}
    rowid in (select rowid from {{ relation }} where {{ key }} in ({{ keys }}))
    {%- else -%}
    {{ key }} in ({{ keys }})
    {%- endif -%}
{%- endmacro %}

{#- Whether a relation is a table of the warehouse, whose rows DuckDB numbers (rowid). Under --empty and --sample dbt puts a
    subquery in its place. -#}
{% macro has_row_numbers(relation) -%}
    {%- set held = load_relation(relation) if execute and not relation.is_cte else none -%}
    {{ return(held is not none and held.is_table and not (relation | string).startswith('(')) }}
{%- endmacro %}

{% macro in_changed_keys(days_relation, key) -%}
    {%- if is_incremental() -%}
    {{ has_key_of(days_relation, key, changed_keys(days_relation, key)) }}
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
