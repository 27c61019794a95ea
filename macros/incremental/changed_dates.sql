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

{#- `where` condition of an incremental model: on a first or full run every row, later the changed dates only. `bounded`, for
    events: with the first and the last of these dates (see between_dates), and where a model is made in parts those of the part, also
    by the hash of `divided_by`, the key of its rows. -#}
{% macro in_changed_dates(column, dates_relation, bounded=false, divided_by=none) -%}
    {%- if is_incremental() -%}
    {{ column }} in ({{ changed_dates(dates_relation) }})
    {%- if bounded %}
    and {{ between_dates(column, changed_dates(dates_relation)) }}
    {%- endif -%}
    {%- else -%}
    true
    {%- endif -%}
    {%- if bounded %}
    {{ of_part(
        column ~ ' between __first_date__ and __last_date__'
        ~ (' and ' ~ event_key(divided_by) ~ ' between __first_hash__ and __last_hash__' if divided_by else '')
    ) }}
    {%- endif -%}
{%- endmacro %}

{#- Condition: a date lies between the first and the last that a query tells (event_date), which stand in it as constants; false where
    it tells none. It follows from others and is there for the engine: constants go down through the views of events to all that
    these join, so that of repeats and derived sessions, too, only those of a few dates are read. What a subquery tells does not. -#}
{% macro between_dates(column, dates) -%}
    {%- set found = first_and_last(dates) -%}
    {%- if found[0] -%}
    {{ column }} between date '{{ found[0] }}' and date '{{ found[1] }}'
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}

{#- The first and the last date that a query tells, as texts; none where it tells none. -#}
{% macro first_and_last(dates) -%}
    {%- set query -%}
        select cast(min(event_date) as varchar), cast(max(event_date) as varchar) from ({{ dates }}) as named
    {%- endset -%}
    {{ return(run_query(query).rows[0] if execute else [none, none]) }}
{%- endmacro %}

{#- The relation with the versions of dates that a model follows: `config.meta.dates_of`, by default event_dates. -#}
{% macro followed_dates() -%}
    {{ return(ref((config.get('meta') or {}).get('dates_of', 'event_dates'))) }}
{%- endmacro %}
