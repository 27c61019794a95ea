{#- Dated models whose groups of many dates would not fit into memory, or whose many rows of a date are to lie together (a later
    build then finds them without reading those of all dates), are made in parts (`config.meta.made_in_parts`), each of about
    events_at_once events: dates that follow each other, and of a date with more, where the model has a row per key, some of its keys.
    A part is a condition that stands in the model's query, where it reads, as a comment; create_table_as puts the bounds of each
    part in. -#}

{#- Stands after another condition; `condition` holds the place holders __first_date__ and __last_date__, and, of a model with rows of one
    key, __first_hash__ and __last_hash__. Not the remainder of a hash: DuckDB would see whether a row belongs to the part
    only after all are grouped. -#}
{% macro of_part(condition) -%}
    {{ return('/* of part: ' ~ condition ~ ' */') }}
{%- endmacro %}

{#- A query for one part: its bounds by name; without, for all. -#}
{% macro part_of(query, part) -%}
    {%- set mark = modules.re.compile('/[*] of part: (.+?) [*]/') -%}
    {%- if not mark.search(query) -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " has `config.meta.made_in_parts` but no condition of a part: read events with "
            ~ "in_changed_dates(…, bounded=true), in_changed_rows or in_added_rows, or say it with of_part."
        ) }}
    {%- endif -%}
    {%- if not part -%}
        {{ return(query) }}
    {%- endif -%}
    {%- set filled = namespace(query=mark.sub('and \\1', query)) -%}
    {%- for name, bound in part.items() -%}
        {%- set filled.query = filled.query | replace('__' ~ name ~ '__', bound) -%}
    {%- endfor -%}
    {{ return(filled.query) }}
{%- endmacro %}

{#- The bounds of the parts that a query is made in, for the dates to be built; one part without bounds where all fits into one. -#}
{% macro parts_of_events(query) -%}
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
                    followed.event_date,
                    {% if is_incremental() and grows() -%}
                    case when followed.event_date in ({{ grown_dates() }}) then 0 else coalesce(counted.event_count, 0) end
                    {%- else -%}
                    coalesce(counted.event_count, 0)
                    {%- endif %} as event_count
                from {{ followed_dates() }} as followed
                left join {{ graph.nodes['model.clickstream.event_dates'].relation_name }} as counted
                    on followed.event_date = counted.event_date
                where {{ in_changed_dates('followed.event_date', followed_dates()) }}
            ) as changed
        ) as dates
        group by batch
        order by batch
    {%- endset -%}
    {%- set hashes = 18446744073709551616 -%}
    {%- set parts = [] -%}
    {%- for first_date, last_date, count in run_query(batches).rows -%}
        {%- set divisor = count | int if '__first_hash__' in query else 1 -%}
        {%- for number in range(divisor) -%}
            {%- do parts.append({
                'first_date': "date '" ~ first_date ~ "'",
                'last_date': "date '" ~ last_date ~ "'",
                'first_hash': (hashes * number // divisor) | string,
                'last_hash': (hashes * (number + 1) // divisor - 1) | string,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(parts if parts | length > 1 else [none]) }}
{%- endmacro %}
