{#- What a build finds in the raw tables: complete loads, and files that were taken out. Publish compares it with what is there then: by name,
    never by time, because clocks are set back. -#}
{% macro record_build_inputs() -%}
    delete from operations.build_inputs
    where invocation_id not in (
        select invocation_id from operations.builds where command in ('build', 'run', 'retry') order by rowid desc limit 3
    );
    {%- if execute %}
        {%- set found = run_query(
            "select table_schema, table_name from information_schema.tables where table_catalog = current_database() and "
            ~ "((starts_with(table_schema, 'raw_') and table_name = '_dlt_loads') or (table_schema = 'ingest' and table_name = 'files'))"
        ) %}
        {%- for schema, table in found.rows %}
            {%- if table == '_dlt_loads' %}
    insert into operations.build_inputs (invocation_id, kind, source_schema, input_name)
    select '{{ invocation_id }}', 'load', '{{ schema }}', load_id
    from "{{ schema }}"._dlt_loads
    where status = 0;
            {%- else %}
    insert into operations.build_inputs (invocation_id, kind, source_schema, input_name)
    select '{{ invocation_id }}', 'forgotten', '{{ schema }}', source_file || ' ' || recorded_at
    from ingest.files
    where status = 'forgotten';
            {%- endif %}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}
