{#- The fields that a source's YAML expects of a raw table: its columns, in order, with the other names each `accepts`
    (`config.meta.accepts: [clientId]`). Returns name -> list of names; empty while dbt only parses. -#}
{% macro declared_fields(source_name, table_name) -%}
    {%- set fields = {} -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == source_name and node.name == table_name -%}
            {%- for column in node.columns.values() if not column.name.startswith('_') and column.name != 'payload' -%}
                {%- set meta = (column.config or {}).get('meta') or column.meta or {} -%}
                {%- do fields.update({column.name: [column.name] + (meta.get('accepts') or [])}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(fields) }}
{%- endmacro %}

{#- The same as rows: one for each name under which a declared field of these models' raw tables may arrive. -#}
{% macro declared_names(staging_models) -%}
    {% for staging_model in staging_models -%}
    {%- set raw_table = raw_table_of(staging_model) -%}
    {%- for name, names in declared_fields(raw_table['source'], raw_table['table']).items() -%}
    {%- for accepted in names -%}
    select
        '{{ raw_table["source"] }}' as source_name,
        '{{ raw_table["table"] }}' as table_name,
        '{{ name }}' as declared_name,
        '{{ accepted }}' as field_name
    union all
    {% endfor -%}
    {%- endfor -%}
    {%- endfor -%}
    select cast(null as varchar), cast(null as varchar), cast(null as varchar), cast(null as varchar)
    where false
{%- endmacro %}
