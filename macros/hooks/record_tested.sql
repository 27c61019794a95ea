{#- After a full build in which every model was built and every data test ran without an error: all
    data count as tested. After any other run (killed, failed, a selection) the books stay, and the
    next build tests the same data again, with the newer ones. -#}
{% macro record_tested(results) -%}
    {%- set bad = ['error', 'fail', 'runtime error', 'skipped', 'partial success'] %}
    {%- if execute and is_full_build() and results | selectattr('status', 'in', bad) | list | length == 0 %}
    {%- set version = tests_version() %}
    {%- for dates_model in ['event_dates', 'traffic_dates', 'session_dates', 'order_dates', 'commerce_dates'] %}
    {%- set relation = graph.nodes['model.clickstream.' ~ dates_model].relation_name %}
    delete from operations.tested_dates
    where
        dates_model = '{{ dates_model }}'
        and (event_date, version) not in (select (event_date, version) from {{ relation }});
    insert into operations.tested_dates (dates_model, event_date, version, tests_version)
    select '{{ dates_model }}', event_date, version, '{{ version }}'
    from {{ relation }}
    where
        event_date not in (
            select tested.event_date
            from operations.tested_dates as tested
            where tested.dates_model = '{{ dates_model }}'
        );
    {%- endfor %}
    delete from operations.tested_arrivals
    where
        (source_name, table_name, load_id, source_file) not in (
            select (source_name, table_name, load_id, source_file) from operations.model_arrivals
        );
    insert into operations.tested_arrivals (
        source_name, table_name, load_id, source_file, tests_version
    )
    select source_name, table_name, load_id, source_file, '{{ version }}'
    from operations.model_arrivals
    where
        (source_name, table_name, load_id, source_file) not in (
            select (source_name, table_name, load_id, source_file) from operations.tested_arrivals
        )
    group by source_name, table_name, load_id, source_file
    {%- endif %}
{%- endmacro %}
