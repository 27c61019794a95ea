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
