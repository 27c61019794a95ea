{#- Changes when a data test is added, removed or has other arguments or SQL: then all data are tested
    once more. A change in the SQL of a generic test is not seen; see the var test_all_data. -#}
{% macro tests_version() -%}
    {%- set written = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' -%}
        {%- do written.append(
            [node.unique_id, node.raw_code, node.config.where, node.config.severity] | join(' ')
        ) -%}
    {%- endfor -%}
    {{ return(local_md5(written | sort | join(';'))) }}
{%- endmacro %}
