{#- dbt makes a temporary table of a model's new rows before it puts them into the model's table. For the rows of new arrivals it
    makes a view here: they are written once, not twice (a day of a million events in 3.7 s, not 4.6), and those of many days
    need not fit into memory. A model that reads `this` cannot do so: its old rows are gone by then.
    A model with `config.meta.part_by` is made in parts, one after the other, each of the events that meet one condition. -#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set part_by = (config.get('meta') or {}).get('part_by') -%}
    {%- if temporary and language == 'sql' and config.get('incremental_strategy') == 'by_arrival' -%}
    create or replace temporary view {{ relation.include(database=false, schema=false) }} as (
        {{ compiled_code }}
    )
    {%- elif part_by and model.resource_type == 'model' -%}
    {%- set parts = parts_of_events(part_by) -%}
    {{ dbt.duckdb__create_table_as(temporary, relation, part_of(compiled_code, parts[0])) }}
    {%- for part in parts[1:] %};
    insert into {{ relation.include(database=not temporary, schema=not temporary) }} by name (
        {{ part_of(compiled_code, part) }}
    )
    {%- endfor %}
    {%- else -%}
    {{ dbt.duckdb__create_table_as(
        temporary, relation, compiled_code, language, partitioned_by=partitioned_by, sorted_by=sorted_by
    ) }}
    {%- endif -%}
{%- endmacro %}

{#- A query with the condition of a part at the place where it reads events (part_mark): those that are counted, not the rows that
    come of them. Without a condition, the query as it is. -#}
{% macro part_of(query, condition) -%}
    {%- if part_mark() not in query -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " has `config.meta.part_by` but does not say where it reads events: give their condition by "
            ~ "in_changed_rows or in_added_rows, with the alias `events`."
        ) }}
    {%- endif -%}
    {{ query | replace(part_mark(), 'and ' ~ condition) if condition else query }}
{%- endmacro %}

{#- Stands in a query after the condition for the dates of its events. -#}
{% macro part_mark() -%}
    {{ return('/* of this part */') }}
{%- endmacro %}

{#- Conditions that divide the events a dated model is made of into parts of about events_at_once: dates that lie together, and a date
    with more by the hash of `key`, a column of events; none is divided where `key` is their date. A model with a row per key and
    date is the same whatever its parts. -#}
{% macro parts_of_events(key) -%}
    {%- if not execute -%}
        {{ return([none]) }}
    {%- endif -%}
    {%- if var('events_at_once') | int < 1 -%}
        {{ exceptions.raise_compiler_error(
            "The var events_at_once of dbt_project.yml is '" ~ var('events_at_once') ~ "': give a number of events from 1 on, such as 2000000."
        ) }}
    {%- endif -%}
    {%- set batches %}
        select
            cast(min(event_date) as varchar),
            cast(max(event_date) as varchar),
            greatest(cast(ceil(sum(event_count) / {{ var('events_at_once') }}) as integer), 1)
        from (
            select
                event_date,
                event_count,
                (sum(event_count) over (order by event_date) - event_count) // {{ var('events_at_once') }} as batch
            from (
                select
                    event_date,
                    {% if is_incremental() and grows() -%}
                    case when event_date in ({{ grown_dates() }}) then 0 else event_count end as event_count
                    {%- else -%}
                    event_count
                    {%- endif %}
                from {{ followed_dates() }}
                where {{ in_changed_dates('event_date', followed_dates()) }}
            ) as changed
        ) as dates
        group by batch
        order by batch
    {%- endset -%}
    {%- set hashes = 18446744073709551616 -%}
    {%- set conditions = [] -%}
    {%- for first_date, last_date, count in run_query(batches).rows -%}
        {%- set parts = 1 if key == 'event_date' else count | int -%}
        {%- for number in range(parts) -%}
            {%- set dated = "events.event_date between date '" ~ first_date ~ "' and date '" ~ last_date ~ "'" -%}
            {#- not by a remainder: DuckDB would see whether a row belongs to the part only after all are grouped -#}
            {%- set hashed = 'hash(events.' ~ key ~ ') between ' ~ (hashes * number // parts)
                ~ ' and ' ~ (hashes * (number + 1) // parts - 1) -%}
            {%- do conditions.append(dated ~ (' and ' ~ hashed if parts > 1 else '')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(conditions if conditions | length > 1 else [none]) }}
{%- endmacro %}
