{#- A build that never ends (killed) keeps finished_at null, and is therefore never published. -#}
{% macro record_build_start() %}
    insert into operations.builds (invocation_id, command, is_full, started_at)
    values (
        '{{ invocation_id }}',
        '{{ flags.WHICH }}',
        {{ is_full_build() }},
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}'
    );
    {{ record_build_inputs() }}
    {{ record_rules() }}
{% endmacro %}

{% macro record_build_end(results) %}
    {%- if execute %}
        {%- set counted = {'pass': 0, 'warn': 0, 'error': 0, 'skip': 0} -%}
        {%- set rows = [] -%}
        {%- for result in results %}
            {%- set status = result.status | string -%}
            {%- set kind = {'success': 'pass', 'pass': 'pass', 'warn': 'warn', 'skipped': 'skip', 'no-op': 'pass'}.get(status, 'error') -%}
            {%- do counted.update({kind: counted[kind] + 1}) -%}
            {%- set message = (result.message or '') | string | replace("'", "''") | truncate(2000, true, '…') -%}
            {%- do rows.append(
                "('" ~ invocation_id ~ "', '" ~ result.node.unique_id ~ "', '" ~ result.node.name ~ "', '"
                ~ result.node.resource_type ~ "', '" ~ status ~ "', "
                ~ (result.failures if result.failures is not none else 'null') ~ ", '" ~ message ~ "', '"
                ~ (result.node.relation_name or '') | replace("'", "''") ~ "', " ~ result.execution_time ~ ")"
            ) -%}
        {%- endfor %}
        {%- if rows %}
    insert into operations.node_results values
        {{ rows | join(',\n        ') }};
        {%- endif %}
    update operations.builds
    set
        {# the clock: when a build ended is told in operations only #}
        finished_at = now()::timestamp,
        pass_count = {{ counted['pass'] }},
        warn_count = {{ counted['warn'] }},
        error_count = {{ counted['error'] }},
        skip_count = {{ counted['skip'] }}
    where invocation_id = '{{ invocation_id }}'
    {%- endif %}
{% endmacro %}

{#- Whether this is `dbt build` of everything. Unit tests look at rules, not at data: a build without them is full. -#}
{% macro is_full_build() -%}
    {%- set arguments = invocation_args_dict -%}
    {%- set is_selection = arguments.get('select') or arguments.get('exclude') or arguments.get('selector')
        or arguments.get('resource_types') or arguments.get('empty') or arguments.get('sample') -%}
    {%- set left_out = (arguments.get('exclude_resource_types') or []) | reject('equalto', 'unit_test') | list -%}
    {{ return(flags.WHICH == 'build' and not is_selection and not left_out) }}
{%- endmacro %}
