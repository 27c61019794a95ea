{#- The lines of all event sources (var event_sources) under the one interface of docs/event_interface.md; with `keys`, a query of
    one column, those with one of these event keys. -#}
{% macro event_rows(keys=none) -%}
    {%- for staging_model in var('event_sources') %}
    select
        '{{ raw_table_of(staging_model)["source"] }}' as source_name,
        event_id,
        event_key,
        event_at,
        event_date,
        action,
        user_id,
        session_id,
        page_path,
        page_query,
        has_product,
        product_id,
        referrer,
        user_agent,
        ip_address,
        {{ optional_columns(ref(staging_model)) }},
        reject_reasons,
        is_blank,
        _source_file,
        _source_line,
        _dlt_load_id
    from {{ ref(staging_model) }}
    {%- if keys %}
    where {{ has_key_of(ref(staging_model), 'event_key', keys) }}
    {%- endif %}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- What each event source received, as one text a row. With `lines`, a relation (_dlt_load_id, _source_file, _source_line), of
    these lines where the raw table has row numbers, and of others too where not: their positions are looked for first, and
    texts are read only where such a line stands, in place of all texts of all time. -#}
{% macro event_payloads(lines=none) -%}
    {%- for staging_model in var('event_sources') %}
    {%- set raw_table = raw_table_of(staging_model) %}
    {%- set relation = source(raw_table['source'], raw_table['table']) %}
    select
        '{{ raw_table["source"] }}' as source_name,
        {{ received_text(raw_table['source'], raw_table['table'], 'raw_rows') }} as payload,
        raw_rows._source_file,
        raw_rows._source_line,
        raw_rows._dlt_load_id
    from {{ relation }} as raw_rows
    {%- if lines and has_row_numbers(relation) %}
    where raw_rows.rowid in (
        select positions.rowid
        from {{ relation }} as positions
        semi join {{ lines }} as wanted_lines
            on
                positions._dlt_load_id = wanted_lines._dlt_load_id
                and positions._source_file = wanted_lines._source_file
                and positions._source_line = wanted_lines._source_line
    )
    {%- endif %}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- What a row of a raw table received as one text: the payload of a document, or the columns of a record that have a value, by
    name, so that a column that comes later changes no text. `rows` is the table's alias. -#}
{% macro received_text(source_name, table_name, rows) -%}
    {%- set received = raw_column_names(source(source_name, table_name)) -%}
    {%- if 'payload' in received -%}
    {{ rows }}.payload
    {%- else -%}
    concat_ws(
        chr(31)
        {%- for name in received | sort %},
        '{{ name | replace("'", "''") }}' || chr(30) || cast({{ rows }}.{{ adapter.quote(name) }} as varchar)
        {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}

{#- The columns of a raw table that came from the source (without the pipeline's own, which start with an underscore). -#}
{% macro raw_column_names(relation) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) if not column.name.startswith('_') -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names or ['payload']) }}
{%- endmacro %}
