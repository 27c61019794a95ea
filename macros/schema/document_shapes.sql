{#- New documents of a raw table, grouped by the fields they have and the fields' JSON types: a handful of shapes a file, whatever
    its size. Texts that are no JSON object have no shape. -#}
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
        list_concat([{{ quoted }}], other_names) as field_names,
        list_concat(declared_types, other_types) as field_types,
        count(*) as line_count,
        min(_source_line) as first_source_line,
        max(_source_line) as last_source_line
    from (
        select
            _source_file,
            _dlt_load_id,
            _source_line,
            declared_types,
            other_names,
            case
                when other_names <> []
                    then list_transform(other_names, lambda name: json_type(payload, {{ json_pointer('name') }}))
                else []
            end as other_types
        from (
            select
                _source_file,
                _dlt_load_id,
                _source_line,
                payload,
                try(json_type(payload, [{{ paths }}])) as declared_types,
                case
                    when try(json_keys(payload)) <> [{{ quoted }}]
                        then list_sort(list_distinct(list_filter(
                            try(json_keys(payload)), lambda name: not list_contains([{{ quoted }}], name)
                        )))
                    else []
                end as other_names
            from ({{ rows_not_read(source_name, table_name) }}) as new_documents
        ) as named
        where declared_types is not null
    ) as typed
    group by _source_file, _dlt_load_id, declared_types, other_names, other_types
{%- endmacro %}

{#- The JSON pointer (RFC 6901) to a member of a document: unlike a path, it takes any name. -#}
{% macro json_pointer(name) -%}
    '/' || replace(replace({{ name }}, '~', '~0'), '/', '~1')
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
