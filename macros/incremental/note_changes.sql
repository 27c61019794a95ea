{#- Finds which dates of a model that grows have changed and how, and the keys to be built anew on those that have grown; notes them
    in temporary tables, once. Statements that each found them anew were a hundred kilobytes long, and DuckDB planned each for as long
    as it ran. Called where a growing model selects its rows; a full run needs no notes, a unit test says what they hold. -#}
{% macro note_changes() -%}
    {%- if execute and is_incremental() and grows() and model.resource_type == 'model' -%}
        {%- set meta = config.require('meta') -%}
        {%- set notes -%}
    {%- if 'told_by' not in meta %}
    create or replace temp table {{ note_of('arrivals') }} as
    select load_id, source_file from ({{ changed_arrivals(arrivals_upstream()) }}) as changed where is_new;
    {%- endif %}

    create or replace temp table {{ note_of('dates') }} as
    select
        changed.event_date,
        changed.event_date in ({{ find_told_dates() if 'told_by' in meta else find_grown_dates() }}) as has_grown,
        changed.event_date not in (select held_dates.event_date from ({{ held_dates() }}) as held_dates) as is_new
    from ({{ find_changed_dates(followed_dates()) }}) as changed
        {%- endset -%}
        {%- do run_query(notes) -%}
        {%- if 'grows_by' in meta -%}
        {%- set keys -%}
    create or replace temp table {{ note_of('keys') }} as
    {%- if 'told_by' in meta %}
    {{ find_told_keys() }}
    {%- else %}
    select distinct {{ meta['grows_by'] }} from {{ ref('events') }}
    where {{ is_late_line() }}
    {%- if 'compares' in meta %}
    union
    {{ context[meta['compares']]() }}
    {%- endif %}
    {%- endif %}
        {%- endset -%}
        {%- do run_query(keys) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The temporary table with what was found: `arrivals` (load_id, source_file) that the model has not read, changed `dates` (event_date;
    has_grown; is_new: nothing of it is held), `keys`; `views` and `counts` of seen_before. -#}
{% macro note_of(what) -%}
    changed_{{ what }}_of_{{ model.name }}
{%- endmacro %}

{#- Condition: the row belongs to an arrival that this model has not read. -#}
{% macro is_of_new_arrival() -%}
    {{ in_arrivals('select load_id, source_file from ' ~ note_of('arrivals')) }}
{%- endmacro %}
