{#- The rows a staging model must read: all complete arrivals of its raw table, or on an incremental run those it has not read yet. -#}
{% macro new_rows(source_name, table_name) -%}
    select raw_rows.*{{ replace_accepted_columns(source_name, table_name) }}
    from {{ source(source_name, table_name) }} as raw_rows
    where raw_rows._dlt_load_id in (
        {%- if is_incremental() %}
        select load_id from ({{ changed_arrivals({'source': source_name, 'table': table_name}) }}) as changed where is_new
        {%- else %}
        select load_id from ({{ complete_arrivals(source_name, table_name) }}) as complete
        {%- endif %}
    )
{%- endmacro %}

{#- ` replace (…)` for columns that may arrive under another name (`accepts` in the source YAML); nothing when there is none. -#}
{% macro replace_accepted_columns(source_name, table_name) -%}
    {%- set replaced = [] -%}
    {%- if execute -%}
        {%- set received = adapter.get_columns_in_relation(source(source_name, table_name)) | map(attribute='name') | list -%}
        {%- for name, columns in accepted_columns(source_name, table_name).items() if name in received and columns | length > 1 -%}
            {%- do replaced.append('coalesce(raw_rows.' ~ columns | join(', raw_rows.') ~ ') as ' ~ name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if replaced %} replace ({{ replaced | join(', ') }}){% endif -%}
{%- endmacro %}
