{#- Where an event staging model breaks the interface of docs/event_interface.md: (rule_name,
    violation_count), empty when nowhere. Columns and types are looked at in the warehouse, rows in
    new arrivals only. -#}
{% macro event_interface_errors(staging_model) -%}
    {%- set relation = ref(staging_model) -%}
    {%- set expected = {
        'event_id': 'varchar',
        'event_key': 'ubigint',
        'event_at': 'timestamp',
        'event_date': 'date',
        'action': 'varchar',
        'user_id': 'varchar',
        'session_id': 'varchar',
        'page_path': 'varchar',
        'page_query': 'varchar',
        'has_product': 'boolean',
        'product_id': 'bigint',
        'referrer': 'varchar',
        'user_agent': 'varchar',
        'ip_address': 'varchar',
        'reject_reasons': 'varchar[]',
        'is_blank': 'boolean',
        '_source_file': 'varchar',
        '_source_line': 'bigint',
        '_dlt_load_id': 'varchar',
    } -%}
    {%- set refused = '(is_blank or reject_reasons is not null)' -%}
    {%- set rules = {
        'position_is_known':
            '_source_file is not null and _source_line is not null and _dlt_load_id is not null',
        'is_blank_is_known': 'is_blank is not null',
        'blank_line_has_no_reasons': 'not is_blank or reject_reasons is null',
        'accepted_event_has_id_time_and_action':
            refused ~ ' or (event_id is not null and event_at is not null and action is not null)',
        'accepted_event_has_its_page':
            refused ~ ' or page_path is not null or not ' ~ page_is_required('action'),
        'event_key_is_that_of_the_id': refused ~ ' or event_key = ' ~ event_key('event_id'),
        'event_date_is_that_of_event_at':
            'event_date is not distinct from cast(event_at as date)',
        'event_at_is_in_range':
            "event_at is null or (event_at >= timestamp '" ~ var('earliest_event_at')
            ~ " 00:00:00' and event_at < timestamp '" ~ var('latest_event_at') ~ " 00:00:00')",
        'ids_are_not_empty':
            "event_id <> '' is not false and user_id <> '' is not false"
            ~ " and session_id <> '' is not false and page_path <> '' is not false",
        'product_is_consistent':
            'has_product is not null and (has_product or product_id is null)',
        'product_id_has_at_most_18_digits':
            'product_id is null or product_id between 0 and 999999999999999999',
    } -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do found.update({column.name | lower: column.dtype | lower}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for name, data_type in {'order_id': 'varchar', 'order_amount': 'decimal(18,4)'}.items() if name in found -%}
        {%- do expected.update({name: data_type}) -%}
    {%- endfor -%}
    {%- set wrong = [] -%}
    {%- for name, data_type in expected.items() if execute and found.get(name) != data_type -%}
        {%- do wrong.append(
            name ~ ' must be ' ~ data_type ~ ', is ' ~ found.get(name, 'missing')
        ) -%}
    {%- endfor -%}
    {%- if wrong %}
    select
        unnest(['{{ wrong | join("', '") }}']) as rule_name,
        1 as violation_count
    {%- else %}
    select
        rule_name,
        violation_count
    from (
        select
            {%- for name, condition in rules.items() %}
            count(*) filter (({{ condition }}) is not true) as {{ name }}{{ "," if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        where {{ in_new_arrivals() }}
    ) as counted
    unpivot (violation_count for rule_name in ({{ rules.keys() | join(', ') }}))
    where violation_count > 0
    union all
    select
        'reason ' || coalesce(refused.reason, 'null') || ' is not in the seed reject_reasons',
        count(*)
    from (
        select
            unnest(case when len(reject_reasons) > 0 then reject_reasons else ['(empty list)'] end)
                as reason
        from {{ relation }}
        where reject_reasons is not null and {{ in_new_arrivals() }}
    ) as refused
    left join {{ ref('reject_reasons') }} as known on refused.reason = known.reason
    where known.reason is null
    group by refused.reason
    {%- endif %}
{%- endmacro %}
