{#- New documents of a raw table, grouped by the fields they have and the fields' JSON types: a handful of shapes a file, whatever
    its size. Documents are grouped by a hash of their shape, and the lists are looked into once a shape. Texts that are no JSON
    object have no shape. Names of fields are data: they may hold quotes, stars or nothing at all and be 10,000 in one document, so
    they never become JSON paths; of a name of more than 200 characters the beginning is kept. -#}
{% macro document_shapes(source_name, table_name) -%}
    {{ return(adapter.dispatch('document_shapes', 'clickstream')(source_name, table_name)) }}
{%- endmacro %}

{% macro duckdb__document_shapes(source_name, table_name) -%}
    {%- set declared = declared_fields(source_name, table_name).keys() | list -%}
    {%- set declared_names = "['" ~ declared | join("', '") ~ "']" -%}
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        _source_file,
        _dlt_load_id,
        list_concat({{ declared_names }}, list_transform(others, lambda other: other[1])) as field_names,
        list_concat(
            list_transform({{ declared_names }}, lambda name: types[list_position(names, name)]),
            list_transform(others, lambda other: other[2])
        ) as field_types,
        line_count,
        first_source_line,
        last_source_line
    from (
        select
            *,
            list_sort(list_distinct(list_transform(
                list_filter(list_zip(names, types), lambda field: not list_contains({{ declared_names }}, field[1])),
                lambda field: (left(field[1], 200), field[2])
            ))) as others
        from (
            select
                _source_file,
                _dlt_load_id,
                any_value(json_keys(document)) as names,
                any_value(json_type(document, '$.*')) as types,
                count(*) as line_count,
                min(_source_line) as first_source_line,
                max(_source_line) as last_source_line
            from (
                select
                    _source_file,
                    _dlt_load_id,
                    _source_line,
                    payload as document
                from ({{ rows_not_read(source_name, table_name) }}) as new_documents
                -- not try(): one bad text makes that take the 2,048 around it one by one
                where not {{ is_too_long('payload') }} and json_valid(payload)
            ) as documents
            group by _source_file, _dlt_load_id, hash(json_keys(document), json_type(document, '$.*'))
        ) as shapes
    ) as described
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
