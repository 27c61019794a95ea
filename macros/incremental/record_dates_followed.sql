{#- After an entity model is built (same transaction): which version of each date it has taken in. -#}
{% macro record_dates_followed() -%}
    delete from operations.model_partitions where model_name = '{{ model.name }}';
    insert into operations.model_partitions (model_name, partition_key, input_version)
    select '{{ model.name }}', cast(event_date as varchar), version
    from {{ followed_dates() }}
{%- endmacro %}
