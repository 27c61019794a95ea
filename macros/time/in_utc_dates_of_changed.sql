{#- `where` condition of an incremental model by local date: the UTC dates that the changed local dates
    touch; on a first or full run every row. `local_dates` has first_utc_date and last_utc_date. `bounded`, for
    events: see in_changed_dates. A local day lies within its date and the two beside it in UTC. -#}
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
    {%- if bounded %}
    {{ of_part(column ~ ' between __first_date__ - 1 and __last_date__ + 1') }}
    {%- endif -%}
{%- endmacro %}
