{#- On-run-start: by which rules dbt by itself builds, for clickstream/rules.py to compare with those that made the rows before: what it reads
    of manifest.json, and vars; once for as many builds as go by them. `clickstream` compares and notes rules before it starts dbt, and says so. -#}
{% macro record_rules() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry') and not env_var('CLICKSTREAM_RULES_ARE_NOTED', '') %}
    {%- set content = tojson(rules_of_project()) -%}
    {%- set rules_id = local_md5(content) %}
    insert into operations.build_rules (invocation_id, rules_id, content)
    select
        '{{ invocation_id }}',
        '{{ rules_id }}',
        case
            when '{{ rules_id }}' not in (select rules_id from operations.build_rules)
                then '{{ content | replace("'", "''") }}'
        end
    {%- endif %}
{%- endmacro %}

{#- The part of manifest.json that says how models make their rows, and under `vars` the values of all vars that it names. -#}
{% macro rules_of_project() -%}
    {%- set nodes, sources, macros, values, texts = {}, {}, {}, {}, [] -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
        {%- do texts.append(node.raw_code) -%}
        {%- do nodes.update({node.unique_id: {
            'resource_type': 'model',
            'name': node.name,
            'raw_code': node.raw_code,
            'depends_on': {'nodes': node.depends_on.nodes},
            'config': {'incremental_strategy': node.config.incremental_strategy}
        }}) -%}
    {%- endfor %}
    {%- for source in graph.sources.values() %}
        {%- set columns = {} -%}
        {%- for name, column in source.columns.items() %}
            {%- do columns.update({name: {'config': {'meta': column.config.meta or column.meta}}}) -%}
        {%- endfor %}
        {%- do sources.update({source.unique_id: {'columns': columns}}) -%}
    {%- endfor %}
    {%- for name, generator in context[project_name].items() %}
        {%- do texts.append(generator.macro.macro_sql) -%}
        {%- do macros.update({generator.macro.unique_id: {
            'name': name, 'package_name': project_name, 'macro_sql': generator.macro.macro_sql
        }}) -%}
    {%- endfor %}
    {%- for name in modules.re.findall('\\bvar\\(\\s*[\'"](\\w+)[\'"]', texts | join('\n')) | unique %}
        {%- set value = var(name, none) -%}
        {%- do values.update({name: value if tojson(value) else value | string}) -%}
    {%- endfor %}
    {{- return({
        'metadata': {'project_name': project_name, 'adapter_type': target.type},
        'nodes': nodes,
        'sources': sources,
        'macros': macros,
        'vars': values
    }) -}}
{%- endmacro %}
