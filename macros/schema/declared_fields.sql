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

{#- The same for a raw table of columns: name -> the columns that hold the field. Ingest names a column after the header, in snake
    case, so an accepted name counts whatever its case and separators: `clientId` is the column client_id. -#}
{% macro accepted_columns(source_name, table_name) -%}
    {%- set fields = {} -%}
    {%- set received = raw_column_names(source(source_name, table_name)) -%}
    {%- for name, names in declared_fields(source_name, table_name).items() -%}
        {%- set held = [name] -%}
        {%- for accepted in names[1:] -%}
            {%- for column in received if column not in held and plain_name(column) == plain_name(accepted) -%}
                {%- do held.append(column) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do fields.update({name: held}) -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}

{% macro plain_name(name) -%}
    {{ return(modules.re.sub('[\\W_]', '', name).lower()) }}
{%- endmacro %}

{#- The same as rows: one for each name under which a declared field of these models' raw tables may arrive. -#}
{% macro declared_names(staging_models) -%}
    {% for staging_model in staging_models -%}
    {%- set raw_table = raw_table_of(staging_model) -%}
    {%- set find = declared_fields if holds_documents(raw_table) else accepted_columns -%}
    {%- for name, names in find(raw_table['source'], raw_table['table']).items() -%}
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
