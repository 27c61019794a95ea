{#- New rows of a raw table of columns (CSV, Parquet): per file and column, how many values there are and where. Null is no value. -#}
{% macro column_arrivals(source_name, table_name) -%}
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        _source_file,
        _dlt_load_id,
        'string' as field_type,
        unnest([
            {%- for name in raw_column_names(source(source_name, table_name)) %}
            {%- set column = adapter.quote(name) %}
            struct_pack(
                field_name := '{{ name | replace("'", "''") }}',
                line_count := count({{ column }}),
                first_source_line := min(_source_line) filter ({{ column }} is not null),
                last_source_line := max(_source_line) filter ({{ column }} is not null)
            )
            {{- "," if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from ({{ rows_not_read(source_name, table_name) }}) as new_rows
    group by _source_file, _dlt_load_id
{%- endmacro %}
