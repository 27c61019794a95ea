{#- Session dates with a version that changes when a row of a model with record_session_dates does:
    a relation for changed_dates. -#}
{% macro session_date_versions(model_name) -%}
    select cast(partition_key as date) as event_date, content_hash as version
    from operations.model_partitions
    where model_name = '{{ model_name }} rows'
{%- endmacro %}
