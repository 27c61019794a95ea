{#- Before a run: what was tested is tested again when models are rebuilt in full or when the tests have changed. -#}
{% macro forget_tested() -%}
    {%- if execute %}
    delete from operations.tested_dates
    where tests_version <> '{{ tests_version() }}' or {{ 'true' if flags.FULL_REFRESH else 'false' }};
    delete from operations.tested_arrivals
    where tests_version <> '{{ tests_version() }}' or {{ 'true' if flags.FULL_REFRESH else 'false' }}
    {%- endif %}
{%- endmacro %}
