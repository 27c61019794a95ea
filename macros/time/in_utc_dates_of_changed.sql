{#- `where` condition of an incremental model by local date: the UTC dates that the changed local dates
    touch; on a first or full run every row. `local_dates` has first_utc_date and last_utc_date. `bounded`, for
    events: see between_dates. -#}
{% macro in_utc_dates_of_changed(column, local_dates, bounded=false) -%}
    {%- if is_incremental() -%}
    {%- set utc_dates -%}
        select {{ each_date('first_utc_date', 'last_utc_date') }} as event_date
        from {{ local_dates }}
        where event_date in ({{ changed_dates(local_dates) }})
    {%- endset -%}
    {{ column }} in ({{ utc_dates }})
    {%- if bounded %}
    and {{ between_dates(column, utc_dates) }}
    {%- endif -%}
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
