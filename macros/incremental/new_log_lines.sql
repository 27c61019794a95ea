{#- new_rows for logs without event ids: adds `line_occurrence`, the number of the line among identical lines of its file (from 1).
    Real repeats keep an id of their own; a re-import or an overlapping rotated file comes to the same ids. A file that grows is
    numbered over all of its lines, those of earlier loads included. -#}
{% macro new_log_lines(source_name, table_name) -%}
    select * exclude (is_new)
    from (
        select
            raw_rows.*,
            row_number() over (
                partition by raw_rows._source_file, arrivals.file_version, raw_rows.payload
                order by raw_rows._source_line
            ) as line_occurrence,
            {% if is_incremental() -%}
            raw_rows._dlt_load_id in (
                select load_id
                from ({{ changed_arrivals({'source': source_name, 'table': table_name}) }}) as changed
                where is_new
            )
            {%- else -%}
            true
            {%- endif %} as is_new
        from {{ source(source_name, table_name) }} as raw_rows
        inner join ({{ complete_arrivals(source_name, table_name) }}) as arrivals
            on raw_rows._dlt_load_id = arrivals.load_id and raw_rows._source_file = arrivals.source_file
        {% if is_incremental() -%}
        where raw_rows._source_file in (
            select source_file
            from ({{ changed_arrivals({'source': source_name, 'table': table_name}) }}) as changed
            where is_new
        )
        {%- endif %}
    ) as numbered_lines
    where is_new
{%- endmacro %}

{#- The event id of a log line: a hash of the line and its occurrence in the file. -#}
{% macro line_event_id() -%}
    md5(payload) || '-' || line_occurrence
{%- endmacro %}
