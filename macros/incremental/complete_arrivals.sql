{#- Files (or API resources) of one raw table whose load is complete: (source_name, table_name, load_id, source_file, file_version,
    first_line, line_count).
    dlt switches the tables of a load one by one; a load counts once _dlt_loads says so. -#}
{% macro complete_arrivals(source_name, table_name) -%}
    select
        arrivals.source_name,
        arrivals.table_name,
        arrivals.load_id,
        arrivals.source_file,
        arrivals.file_version,
        arrivals.first_line,
        arrivals.line_count
    from {{ source('ingest', 'arrivals') }} as arrivals
    inner join {{ source(source_name, table_name).include(identifier=false) }}._dlt_loads as loads
        on arrivals.load_id = loads.load_id and loads.status = 0
    where arrivals.source_name = '{{ source_name }}' and arrivals.table_name = '{{ table_name }}'
{%- endmacro %}
