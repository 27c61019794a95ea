{#- `where` condition of an incremental model by local date: the UTC dates that the changed local dates
    touch; on a first or full run every row. `local_dates` has first_utc_date and last_utc_date. -#}
{% macro in_utc_dates_of_changed(column, local_dates) -%}
    {%- if is_incremental() -%}
    {{ column }} in (
        select {{ each_date('first_utc_date', 'last_utc_date') }}
        from {{ local_dates }}
        where event_date in ({{ changed_dates(local_dates) }})
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
