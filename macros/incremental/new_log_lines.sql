{#- new_rows for sources without event ids: adds `line_hash` (of the line's text) and `line_occurrence`, the number of the line
    among identical lines of its file (from 1). Real repeats keep an id of their own; a re-import or an overlapping rotated file
    comes to the same ids. A file that grows is numbered over all of its lines, those of earlier loads included. Only lines that
    may have a twin (equal engine hash) are sorted: few in a log, whatever its size. -#}
{% macro new_log_lines(source_name, table_name) -%}
    {%- set text = received_text(source_name, table_name, 'raw_rows') -%}
    select
        raw_rows.*,
        md5({{ text }}) as line_hash,
        coalesce(numbered.line_occurrence, 1) as line_occurrence
    from ({{ new_rows(source_name, table_name) }}) as raw_rows
    left join (
        select
            raw_rows._source_file,
            raw_rows._source_line,
            raw_rows._dlt_load_id,
            row_number() over (
                partition by raw_rows._source_file, raw_rows.file_version, {{ text }}
                order by raw_rows._source_line
            ) as line_occurrence
        from ({{ lines_of_new_files(source_name, table_name) }}) as raw_rows
        inner join (
            select
                raw_rows._source_file,
                raw_rows.file_version,
                {{ event_key(text) }} as line_key
            from ({{ lines_of_new_files(source_name, table_name) }}) as raw_rows
            group by all
            having count(*) > 1
        ) as repeated
            on
                raw_rows._source_file = repeated._source_file
                and raw_rows.file_version = repeated.file_version
                and {{ event_key(text) }} = repeated.line_key
    ) as numbered
        on
            raw_rows._dlt_load_id = numbered._dlt_load_id
            and raw_rows._source_file = numbered._source_file
            and raw_rows._source_line = numbered._source_line
{%- endmacro %}

{#- All lines, of any load, of the files that have rows to be read now, with the version of their file. -#}
{% macro lines_of_new_files(source_name, table_name) -%}
    select
        raw_rows.*,
        arrivals.file_version
    from {{ source(source_name, table_name) }} as raw_rows
    inner join ({{ complete_arrivals(source_name, table_name) }}) as arrivals
        on raw_rows._dlt_load_id = arrivals.load_id and raw_rows._source_file = arrivals.source_file
    {%- if is_incremental() %}
    where raw_rows._source_file in (
        select source_file
        from ({{ changed_arrivals({'source': source_name, 'table': table_name}) }}) as changed
        where is_new
    )
    {%- endif %}
{%- endmacro %}

{#- The event id of a line or record without one: a hash of its text and its occurrence in the file. -#}
{% macro line_event_id() -%}
    line_hash || '-' || line_occurrence
{%- endmacro %}
