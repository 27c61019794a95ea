{#- Dates whose content differs from what this model holds: new, changed or emptied. The versions come from a model such as
    event_dates (event_date, version); what the model holds stands in operations.model_partitions. No clock, no window. -#}
{% macro changed_dates(dates_relation) -%}
    {%- if grows() -%}
    select event_date from {{ note_of('dates') }}
    {%- else -%}
    {{ find_changed_dates(dates_relation) }}
    {%- endif -%}
{%- endmacro %}

{% macro find_changed_dates(dates_relation) -%}
    select coalesce(present_dates.event_date, held_dates.event_date) as event_date
    from {{ dates_relation }} as present_dates
    full outer join ({{ held_dates() }}) as held_dates
        on present_dates.event_date = held_dates.event_date
    where present_dates.version is distinct from held_dates.input_version
{%- endmacro %}

{#- The dates that this model holds, with their versions. -#}
{% macro held_dates() -%}
    select cast(partition_key as date) as event_date, input_version
    from operations.model_partitions
    where model_name = '{{ model.name }}'
{%- endmacro %}

{#- The changed dates of which this model holds nothing yet. -#}
{% macro dates_to_come() -%}
    select event_date from {{ note_of('dates') }} where is_new
{%- endmacro %}

{#- `where` condition of an incremental model: on a first or full run every row, later the changed dates only. -#}
{% macro in_changed_dates(column, dates_relation) -%}
    {%- if is_incremental() -%}
    {{ column }} in ({{ changed_dates(dates_relation) }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#- The relation with the versions of dates that a model follows: `config.meta.dates_of`, by default event_dates. -#}
{% macro followed_dates() -%}
    {{ return(ref((config.get('meta') or {}).get('dates_of', 'event_dates'))) }}
{%- endmacro %}
