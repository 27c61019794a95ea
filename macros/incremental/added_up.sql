{#- Condition for the events that a model with `config.meta.adds_by` counts: all of the dates that are built whole, of those that have
    grown the late lines; on a full run every event. Where every other date is new, these are the lines of new arrivals and no
    others: DuckDB then skips all that came before, of which it would otherwise read the columns and then drop the rows. -#}
{% macro in_added_rows(date_column, dates_relation) -%}
    {%- do note_changes() -%}
    {{ in_changed_dates(date_column, dates_relation, bounded=true) }}
    {%- if is_incremental() and grows() %}
    and {% if has_old_whole_dates() %}({{ date_column }} not in ({{ grown_dates() }}) or {{ is_of_new_arrival() }})
    {%- else %}{{ is_of_new_arrival() }}{% endif %}
    {%- endif -%}
{%- endmacro %}

{#- Whether a date that this model holds is to be built whole. If none is, all other changed dates are new with all of their lines: one
    that was read before comes to a new date only when the line that it repeated is forgotten, whose date is held and changes. -#}
{% macro has_old_whole_dates() -%}
    {%- if not execute or model.resource_type != 'model' -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set query -%}
        select count(*) from {{ note_of('dates') }} where not has_grown and not is_new
    {%- endset -%}
    {{ return(run_query(query).columns[0].values()[0] > 0) }}
{%- endmacro %}

{#- The rows of `grouped`, a relation that counts the events of in_added_rows, with what this model holds of the same keys on dates
    that have grown: one row per key. Columns: `keys`, of which the first is the date, `sums`, `minima`, `maxima`.
    `less`: a query for keys and `less_sums` that are taken off: what was counted before and cannot be added. -#}
{% macro added_up(grouped, keys, sums, minima=[], maxima=[], less=none, less_sums=[]) -%}
    {%- if not is_incremental() -%}
    select * from {{ grouped }}
    {%- else -%}
    {%- set columns = (keys + sums + minima + maxima) | join(', ') -%}
    {%- set key = keys | join(', ') -%}
    select
        {{ key }}
        {%- for column in sums %},
        cast(sum({{ column }}) as bigint) as {{ column }}
        {%- endfor %}
        {%- for column in minima %},
        min({{ column }}) as {{ column }}
        {%- endfor %}
        {%- for column in maxima %},
        max({{ column }}) as {{ column }}
        {%- endfor %}
    from (
        select {{ columns }} from {{ grouped }}
        union all
        select {{ columns }} from {{ this }}
        where
            {{ keys[0] }} in ({{ grown_dates() }})
            and ({{ key }}) in (select ({{ key }}) from {{ grouped }})
        {%- if less %}
        union all
        select
            {{ key }}
            {%- for column in sums %},
            {{ '-' ~ column if column in less_sums else 0 }} as {{ column }}
            {%- endfor %}
        from ({{ less }}) as counted_before
        where ({{ key }}) in (select ({{ key }}) from {{ grouped }})
        {%- endif %}
    ) as added
    group by {{ key }}
    {%- endif -%}
{%- endmacro %}

{#- Of the sessions and visitors whose views late lines tell, those that had viewed the same before: a mart of views counts them
    already. `key`: the column of events by which the mart counts beside the date; `condition`: which events it counts.
    Found before the model's rows are selected, and noted: DuckDB sees what several readings of the events in one statement have in
    common, and would write down all events there ever were. A unit test has no notes and reads the same query in place. -#}
{% macro seen_before(key, condition) -%}
    {%- if is_incremental() -%}
    {%- set late_views = views_by(key, condition, is_late_line('events.event_date')) -%}
    {%- if not execute or model.resource_type != 'model' -%}
    {{ views_seen_before(key, condition, '(' ~ late_views ~ ')') }}
    {%- else -%}
    {%- set notes -%}
    create or replace temp table {{ note_of('views') }} as
    {{ late_views }};

    create or replace temp table {{ note_of('counts') }} as
    {{ views_seen_before(key, condition, note_of('views')) }}
    {%- endset -%}
    {%- do run_query(notes) -%}
    select view_date, {{ key }}, session_count, visitor_count from {{ note_of('counts') }}
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The events that a mart of views counts, of those that meet `which`, a condition on events. -#}
{% macro views_by(key, condition, which, events=none) -%}
    select event_date, {{ key }}, session_id, visitor_id
    from (
        {{ marked_events(which, events) }}
    ) as events
    where {{ condition }} and {{ is_counted('is_bot') }}
{%- endmacro %}

{#- The query of seen_before, of late views with the columns of views_by. -#}
{% macro views_seen_before(key, condition, late_views) -%}
    {#- few rows are left before whose they are is looked up -#}
    {%- set events_seen -%}
        select * from {{ ref('events') }}
        where
            event_date in ({{ grown_dates() }})
            and {{ between_dates('event_date', grown_dates()) }}
            and (
                session_id in (select late_views.session_id from {{ late_views }} as late_views)
                or visitor_id in (select late_views.visitor_id from {{ late_views }} as late_views)
            )
    {%- endset -%}
    {%- set same_key = '(earlier_views.event_date, earlier_views.' ~ key ~ ', earlier_views.' -%}
    {%- set late_key = 'select (late_views.event_date, late_views.' ~ key ~ ', late_views.' -%}
    select
        earlier_views.event_date as view_date,
        earlier_views.{{ key }},
        count(distinct earlier_views.session_id) filter (
            {{ same_key }}session_id) in ({{ late_key }}session_id) from {{ late_views }} as late_views)
        ) as session_count,
        count(distinct earlier_views.visitor_id) filter (
            {{ same_key }}visitor_id) in ({{ late_key }}visitor_id) from {{ late_views }} as late_views)
        ) as visitor_count
    from ({{ views_by(key, condition, 'not ' ~ is_of_new_arrival(), '(' ~ events_seen ~ ')') }}) as earlier_views
    group by earlier_views.event_date, earlier_views.{{ key }}
{%- endmacro %}
