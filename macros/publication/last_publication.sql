{#- What readers see now, by the publication itself: {number, date (UTC), build}. Number 0 when nothing is published. The publication
    is the book of what was published: it is switched in one step, so no crash can leave a note that differs from it. -#}
{% macro last_publication() -%}
    {%- set nothing = {'number': 0, 'date': '1900-01-01', 'build': ''} -%}
    {%- if not execute or not published_files('manifest.json') -%}
        {{ return(nothing) }}
    {%- endif -%}
    {%- set content -%}
        select
            cast(split_part(manifest ->> 'publication', '-', 1) as integer) as publication_number,
            (manifest ->> 'published_at')[1:10] as published_date,
            manifest -> 'build' ->> 'invocation_id' as build_id
        from (
            select cast(content as json) as manifest
            from read_text('{{ published_folder() }}/manifest.json')
        ) as publications
    {%- endset -%}
    {%- set row = run_query(content).rows[0] -%}
    {{ return({'number': row[0], 'date': row[1], 'build': row[2]}) }}
{%- endmacro %}

{#- The folder of the last publication, for SQL. -#}
{% macro published_folder() -%}
    {{ return((env_var('CLICKSTREAM_HOME', '.') ~ '/published') | replace("'", "''")) }}
{%- endmacro %}

{#- Paths of the last publication's files that match a pattern. -#}
{% macro published_files(pattern) -%}
    {{ return(run_query("select file from glob('" ~ published_folder() ~ "/" ~ pattern ~ "') order by file").columns[0].values() | list) }}
{%- endmacro %}

{#- The rows that the last publication holds of a table, or of some dates of it; no row when it has none of them. -#}
{% macro published_rows(relation, date_column=none, dates=[]) -%}
    {%- set folder = 'parquet/operations.' ~ relation.identifier -%}
    {%- set files = [] -%}
    {%- if execute -%}
        {%- for file in published_files(folder ~ ('/*/*.parquet' if date_column else '/*.parquet')) -%}
            {%- if not date_column or file.split(date_column ~ '=')[-1].split('/')[0] in dates -%}
                {%- do files.append(file | replace("'", "''")) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if files -%}
    select * from read_parquet(['{{ files | join("', '") }}'], hive_partitioning = true)
    {%- else -%}
    select * from {{ relation }} where false
    {%- endif -%}
{%- endmacro %}
