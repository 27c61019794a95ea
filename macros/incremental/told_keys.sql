{#- A model of sessions (strategy `by_session`) with `config.meta.tells_keys`, a column, tells whose rows it replaced on dates that it did
    not build whole. It notes them in operations.changed_keys, in the transaction of the rows, with the version (content hash) that the
    date had before and the one that it has since. The changes of a date that are noted follow one on the other without a gap: a model
    (`told_by`) that holds an earlier version of a date finds what changed since, as the union of all that is noted of the date; where
    the version that it holds is not there, the date is built whole. No consumer clears the book: changes of the last ten
    builds that told any are kept. -#}

{#- Part of the strategy: notes whose rows leave or come (keys_<model>: row_date and the key). -#}
{% macro note_told_keys(key, date_column, temp_relation) -%}
    create or replace temp table keys_{{ model.name }} as
    select row_date, {{ key }} as key_value
    from leaving_{{ model.name }}
    where row_date not in ({{ whole_dates() }})
    union
    select {{ date_column }} as row_date, {{ key }} as key_value
    from {{ temp_relation }}
    where {{ date_column }} not in ({{ whole_dates() }});
    create or replace temp table versions_{{ model.name }} as
    select partition_key, content_hash
    from operations.model_partitions
    where
        model_name = '{{ model.name }} rows'
        and cast(partition_key as date) in (select row_date from keys_{{ model.name }})
{%- endmacro %}

{#- Part of record_session_dates, when the new versions are there. What is noted of a date goes where it was built whole, came or went. -#}
{% macro record_told_keys() -%}
    {%- if not is_incremental() -%}
    delete from operations.changed_keys where model_name = '{{ model.name }}'
    {%- else -%}
    create or replace temp table changes_{{ model.name }} as
    select
        present.partition_key,
        earlier.content_hash as from_version,
        present.content_hash as to_version
    from versions_{{ model.name }} as earlier
    inner join operations.model_partitions as present on earlier.partition_key = present.partition_key
    where present.model_name = '{{ model.name }} rows';
    delete from operations.changed_keys
    where
        model_name = '{{ model.name }}'
        and (
            change_number <= (
                select max(numbered.change_number) - 9
                from operations.changed_keys as numbered
                where numbered.model_name = '{{ model.name }}'
            )
            or (
                cast(partition_key as date) in (select row_date from dates_{{ model.name }})
                and partition_key not in (select partition_key from changes_{{ model.name }})
            )
        );
    insert into operations.changed_keys (
        model_name, change_number, partition_key, from_version, to_version, key_value
    )
    select
        '{{ model.name }}',
        coalesce((
            select max(numbered.change_number)
            from operations.changed_keys as numbered
            where numbered.model_name = '{{ model.name }}'
        ), 0) + 1,
        changes.partition_key,
        changes.from_version,
        changes.to_version,
        changed.key_value
    from keys_{{ model.name }} as changed
    inner join changes_{{ model.name }} as changes
        on changed.row_date = cast(changes.partition_key as date)
    where changes.from_version <> changes.to_version;
    drop table keys_{{ model.name }};
    drop table versions_{{ model.name }};
    drop table changes_{{ model.name }}
    {%- endif -%}
{%- endmacro %}

{#- Query for the changed dates of a model with `told_by` of which it is told what changed since it read them. -#}
{% macro find_told_dates() -%}
    select present_dates.event_date
    from {{ followed_dates() }} as present_dates
    inner join ({{ held_dates() }}) as held_dates
        on present_dates.event_date = held_dates.event_date
    semi join ({{ told_changes() }}) as first_told
        on
            present_dates.event_date = first_told.event_date
            and held_dates.input_version = first_told.from_version
    semi join ({{ told_changes() }}) as last_told
        on
            present_dates.event_date = last_told.event_date
            and present_dates.version = last_told.to_version
    where present_dates.version <> held_dates.input_version
{%- endmacro %}

{#- Query for the keys that changed on dates that have grown. -#}
{% macro find_told_keys() -%}
    select distinct key_value as {{ config.require('meta')['grows_by'] }}
    from ({{ told_changes() }}) as told
    where event_date in ({{ grown_dates() }})
{%- endmacro %}

{#- What the model that `config.meta.told_by` names has noted. -#}
{% macro told_changes() -%}
    select cast(partition_key as date) as event_date, from_version, to_version, key_value
    from operations.changed_keys
    where model_name = '{{ config.require('meta')['told_by'] }}'
{%- endmacro %}
