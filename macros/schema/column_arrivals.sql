{#- The columns of a raw table of columns (CSV, Parquet) that its source YAML does not declare: how many values, in which files. -#}
{% macro undeclared_column_arrivals(source_name, table_name) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- set declared = [] -%}
    {%- for names in declared_fields(source_name, table_name).values() -%}
        {%- do declared.extend(names) -%}
    {%- endfor -%}
    {%- set undeclared = raw_column_names(relation) | reject('in', declared) | reject('equalto', 'payload') | list -%}
    {%- for name in undeclared %}
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        '{{ name }}' as field_name,
        'string' as field_type,
        count(*) as line_count,
        min(_source_line) as first_source_line,
        _source_file,
        _dlt_load_id
    from {{ relation }}
    where {{ adapter.quote(name) }} is not null
    group by _source_file, _dlt_load_id
    union all
    {%- endfor %}
{%- endmacro %}
