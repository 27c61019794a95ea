{#- Before a run: what was tested is tested again when models are rebuilt in full or when the tests
    have changed. -#}
{% macro forget_tested() -%}
    {%- if execute %}
    {%- set is_obsolete = 'true' if flags.FULL_REFRESH else "tests_version <> '" ~ tests_version() ~ "'" %}
    delete from operations.tested_dates where {{ is_obsolete }};
    delete from operations.tested_arrivals where {{ is_obsolete }}
    {%- endif %}
{%- endmacro %}
