{#- Where the lines of each arrival stand among all lines of its raw table: files by name, the versions of a file one after the
    other, and what an API returned in the order of its loads. `line_end` is the number of its last line in that order, whatever loads
    the files were dealt over. `header`: the columns of a CSV file by its own header, else null. -#}
{% macro arrival_positions(staging_models) -%}
    {%- for staging_model in staging_models %}
    {%- set raw_table = raw_table_of(staging_model) %}
    select
        complete.source_name,
        complete.table_name,
        complete.source_file,
        complete.load_id,
        complete.first_line,
        complete.line_count,
        sum(complete.line_count) over (
            order by
                complete.source_file,
                complete.file_version,
                {{ "complete.load_id," if is_api(raw_table) }}
                complete.first_line
            rows unbounded preceding
        ) as line_end,
        json_extract_string(files.dialect, '$.columns[*]') as header
    from ({{ complete_arrivals(raw_table['source'], raw_table['table']) }}) as complete
    left join {{ source('ingest', 'files') }} as files
        on
            complete.source_name = files.source_name
            and complete.table_name = files.table_name
            and complete.source_file = files.source_file
            and complete.file_version = files.file_version
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Whether the rows of a raw table come from an API. -#}
{% macro is_api(raw_table) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == raw_table['source'] and node.name == raw_table['table'] -%}
            {%- do found.append(node.config.get('meta', {}).get('ingest', {}).get('kind')) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return('rest_api' in found) }}
{%- endmacro %}

{#- The staging models whose raw tables are watched for fields that change, one a table. -#}
{% macro watched_models() -%}
    {{ return(var('event_sources') + [
        'stg_shop__orders', 'stg_catalogue__products', 'stg_catalogue__categories', 'stg_catalogue__users'
    ]) }}
{%- endmacro %}
