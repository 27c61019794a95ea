{#- Arrivals whose staged rows no clean full build has tested: (load_id, source_file), or with
    `columns` others of load_id, source_file, source_name and table_name. The var test_all_data
    makes every arrival new. -#}
{% macro new_arrivals(columns='load_id, source_file') -%}
    select {{ columns }}
    from (
        select source_name, table_name, load_id, source_file
        from operations.model_arrivals
        where starts_with(model_name, 'stg_')
        {%- if not var('test_all_data') %}
        except
        select source_name, table_name, load_id, source_file
        from operations.tested_arrivals
        {%- endif %}
    ) as untested_arrivals
{%- endmacro %}
