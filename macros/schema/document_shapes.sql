{#- New documents of a raw table, grouped by the fields they have and the fields' JSON types: a handful of shapes a file, whatever
    its size. Texts that are no JSON object have no shape. Names of fields are data: they may hold quotes, stars or nothing at all and be
    10,000 in one document, so they never become JSON paths; of a name of more than 200 characters the beginning is kept. -#}
{% macro document_shapes(source_name, table_name) -%}
    {{ return(adapter.dispatch('document_shapes', 'clickstream')(source_name, table_name)) }}
{%- endmacro %}

{% macro duckdb__document_shapes(source_name, table_name) -%}
    {%- set declared = declared_fields(source_name, table_name).keys() | list -%}
    {%- set quoted = "'" ~ declared | join("', '") ~ "'" -%}
    {%- set paths = "'$.\"" ~ declared | join("\"', '$.\"") ~ "\"'" -%}
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        _source_file,
        _dlt_load_id,
        list_concat([{{ quoted }}], list_transform(others, lambda other: other[1])) as field_names,
        list_concat(declared_types, list_transform(others, lambda other: other[2])) as field_types,
        count(*) as line_count,
        min(_source_line) as first_source_line,
        max(_source_line) as last_source_line
    from (
        select
            _source_file,
            _dlt_load_id,
            _source_line,
            try(json_type(payload, [{{ paths }}])) as declared_types,
            case
                when try(json_keys(payload)) <> [{{ quoted }}]
                    then list_sort(list_distinct(list_transform(
                        list_filter(
                            list_zip(try(json_keys(payload)), try(json_type(payload, '$.*'))),
                            lambda field: not list_contains([{{ quoted }}], field[1])
                        ),
                        lambda field: (left(field[1], 200), field[2])
                    )))
                else []
            end as others
        from ({{ rows_not_read(source_name, table_name) }}) as new_documents
        where not {{ is_too_long('payload') }}
    ) as named
    where declared_types is not null
    group by _source_file, _dlt_load_id, declared_types, others
{%- endmacro %}

{#- Rows of arrivals that this model has not read yet. -#}
{% macro rows_not_read(source_name, table_name) -%}
    select *
    from {{ source(source_name, table_name) }}
    where _dlt_load_id in (
        {%- if is_incremental() %}
        select load_id
        from ({{ changed_arrivals(arrivals_upstream()) }}) as changed
        where is_new and source_name = '{{ source_name }}' and table_name = '{{ table_name }}'
        {%- else %}
        select load_id from ({{ complete_arrivals(source_name, table_name) }}) as complete
        {%- endif %}
    )
{%- endmacro %}

{#- Whether a raw table holds documents (one text `payload` a row) rather than columns. -#}
{% macro holds_documents(raw_table) -%}
    {{ return('payload' in raw_column_names(source(raw_table['source'], raw_table['table']))) }}
{%- endmacro %}
