{#- After a dated model is built (same transaction): which version of each date it holds, with a hash of the rows themselves
    (any order) by which publish finds the partitions that changed. -#}
{% macro record_dates() -%}
    {%- set date_column = config.require('meta')['date_column'] -%}
    {%- set to_record -%}
        select present_dates.event_date
        from {{ followed_dates() }} as present_dates
        anti join ({{ held_dates() }}) as held_dates
            on present_dates.event_date = held_dates.event_date
    {%- endset -%}
    delete from operations.model_partitions
    where
        model_name = '{{ model.name }}'
        {%- if is_incremental() %}
        and cast(partition_key as date) in ({{ changed_dates(followed_dates()) }})
        {%- endif %};
    insert into operations.model_partitions (model_name, partition_key, input_version, content_hash, row_count)
    select
        '{{ model.name }}',
        cast(present_dates.event_date as varchar),
        present_dates.version,
        coalesce(held_rows.content_hash, '0'),
        coalesce(held_rows.row_count, 0)
    from {{ followed_dates() }} as present_dates
    left join (
        select
            {{ date_column }} as event_date,
            cast(sum(cast(hash(held) as hugeint)) as varchar) as content_hash,
            count(*) as row_count
        from {{ this }} as held
        where {{ date_column }} in ({{ to_record }})
        group by {{ date_column }}
    ) as held_rows
        on present_dates.event_date = held_rows.event_date
    where present_dates.event_date in ({{ to_record }})
{%- endmacro %}
