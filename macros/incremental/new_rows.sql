{#- The rows a staging model must read: all complete arrivals of its raw table, or on an incremental run those it has not read yet. -#}
{% macro new_rows(source_name, table_name) -%}
    select raw_rows.*
    from {{ source(source_name, table_name) }} as raw_rows
    where raw_rows._dlt_load_id in (
        {%- if is_incremental() %}
        select load_id from ({{ changed_arrivals({'source': source_name, 'table': table_name}) }}) as changed where is_new
        {%- else %}
        select load_id from ({{ complete_arrivals(source_name, table_name) }}) as complete
        {%- endif %}
    )
{%- endmacro %}
