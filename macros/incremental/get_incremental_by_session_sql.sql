{#- Incremental strategy `by_session`: as by_entity, and notes the dates whose rows leave or come, for
    record_session_dates. The date of a row is session_date, or what `config.meta.date_column` names.
    `config.meta.rests_on_earlier_rows`: only the rows from the first change of a key on leave and come (see rows_since_change).
    `config.meta.tells_keys`: notes whose rows leave and come, for record_told_keys. -#}
{% macro get_incremental_by_session_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set meta = config.require('meta') -%}
    {%- set date_column = meta.get('date_column', 'session_date') -%}
    {%- set told = meta.get('tells_keys') -%}
    create or replace temp table leaving_{{ model.name }} as
    select rowid as row_number, row_date{{ ', ' ~ told if told }}
    from (
        {%- if meta.get('rests_on_earlier_rows') %}
        {{ rows_that_follow(ref(meta['days']), meta['key'], date_column) }}
        {%- else %}
        {{ rows_that_leave(ref(meta['days']), meta['key'], ', ' ~ date_column ~ ' as row_date' ~ (', ' ~ told if told else '')) }}
        {%- endif %}
    ) as leaving;
    create or replace temp table dates_{{ model.name }} as
    select row_date from leaving_{{ model.name }}
    union
    select {{ date_column }} as row_date from {{ arguments['temp_relation'] }};
    {%- if told %}
    {{ note_told_keys(told, date_column, arguments['temp_relation']) }};
    {%- endif %}
    delete from {{ arguments['target_relation'] }}
    where rowid in (select row_number from leaving_{{ model.name }});
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }};
    drop table leaving_{{ model.name }}
{%- endmacro %}

{#- After such a model is built (same transaction): which version of each date it has taken in, and
    a hash of its rows per date, by which the models that follow find the dates that
    changed. -#}
{% macro record_session_dates() -%}
    {%- set followed = "'" ~ model.name ~ "'" -%}
    {%- set rows_of = "'" ~ model.name ~ " rows'" -%}
    {%- set date_column = (config.get('meta') or {}).get('date_column', 'session_date') -%}
    delete from operations.model_partitions where model_name = {{ followed }};
    insert into operations.model_partitions (model_name, partition_key, input_version)
    select {{ followed }}, cast(event_date as varchar), version
    from {{ followed_dates() }};
    delete from operations.model_partitions
    where
        model_name = {{ rows_of }}
        {%- if is_incremental() %}
        and cast(partition_key as date) in (select row_date from dates_{{ model.name }})
        {%- endif %};
    insert into operations.model_partitions (model_name, partition_key, content_hash, row_count)
    select
        {{ rows_of }},
        cast({{ date_column }} as varchar),
        cast(sum(cast(hash(held) as hugeint)) as varchar),
        count(*)
    from {{ this }} as held
    {%- if is_incremental() %}
    where {{ date_column }} in (select row_date from dates_{{ model.name }})
    {%- endif %}
    group by {{ date_column }}
    {%- if 'tells_keys' in (config.get('meta') or {}) %};
    {{ record_told_keys() }}
    {%- endif %}
    {%- if is_incremental() %};
    drop table dates_{{ model.name }}
    {%- endif %}
{%- endmacro %}
