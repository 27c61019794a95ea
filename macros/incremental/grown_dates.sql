{#- A late file touches few sessions of a date that may have a million. A date has grown for a model when it holds all that the date
    had and none of that has changed: only lines of new files came. Then only the keys that these lines name are built anew, and
    come out as if all were (docs/decisions/0012). `config.meta.grows_by` names the key, a column of events and of the model, which
    must be decided by the events of one key alone. Every other changed date is built whole.
    A version has up to four parts: what the events are (a sum over files, see event_dates), which user agents they name and what is
    known of these (a sum over agents: those that only new lines name are taken off), what else decides, and what the model finds by
    comparing its rows (`config.meta.compares`, a macro with a query of keys). Lines without a session id may join or part the
    sessions of others: a date to which they come has not grown but changed. -#}
{% macro grown_dates() -%}
    select present_dates.event_date
    from {{ followed_dates() }} as present_dates
    inner join ({{ held_dates() }}) as held_dates
        on present_dates.event_date = held_dates.event_date
    left join (
        select
            event_date,
            sum(cast(version as hugeint)) as version,
            sum(missing_session_count) as missing_session_count
        from {{ ref('event_date_arrivals') }}
        where {{ in_arrivals(changed_arrivals(arrivals_upstream()), 'is_new') }}
        group by event_date
    ) as added
        on present_dates.event_date = added.event_date
    left join ({{ added_agents() }}) as added_agents
        on present_dates.event_date = added_agents.event_date
    where
        present_dates.version <> held_dates.input_version
        and {{ has_grown_by('added.version', 1) }}
        and {{ has_grown_by('added_agents.version', 2) }}
        and {{ version_part('present_dates.version', 3) }} = {{ version_part('held_dates.input_version', 3) }}
        and coalesce(added.missing_session_count, 0) = 0
{%- endmacro %}

{#- Condition: a part of the version is the held one and what was added. -#}
{% macro has_grown_by(added, number) -%}
    {{ version_part('present_dates.version', number) }} = cast(
        try_cast({{ version_part('held_dates.input_version', number) }} as hugeint) + coalesce({{ added }}, 0) as varchar
    )
{%- endmacro %}

{#- Of dates that this model holds, the versions of the user agents that only lines of new files name. -#}
{% macro added_agents() -%}
    select agents.event_date, sum(cast(agents.version as hugeint)) as version
    from {{ ref('user_agent_versions') }} as agents
    inner join (
        select event_date, user_agent, count(*) as event_count
        from {{ ref('events') }}
        where
            user_agent is not null
            and event_date in (select held_dates.event_date from ({{ held_dates() }}) as held_dates)
            and {{ in_arrivals(changed_arrivals(arrivals_upstream()), 'is_new') }}
        group by event_date, user_agent
    ) as arrived
        on
            agents.event_date = arrived.event_date
            and agents.user_agent = arrived.user_agent
            and agents.event_count = arrived.event_count
    group by agents.event_date
{%- endmacro %}

{% macro version_part(version, number) -%}
    split_part({{ version }}, ' ', {{ number }})
{%- endmacro %}

{#- Whether this model builds dates that have grown by their keys. -#}
{% macro grows() -%}
    {{ return('grows_by' in (config.get('meta') or {})) }}
{%- endmacro %}

{#- The keys that are built anew on dates that have grown. -#}
{% macro grown_keys() -%}
    {%- set meta = config.require('meta') -%}
    select {{ meta['grows_by'] }}
    from {{ ref('events') }}
    where {{ is_late_line() }}
    {%- if 'compares' in meta %}
    union all
    {{ context[meta['compares']]() }}
    {%- endif -%}
{%- endmacro %}

{#- Condition for events: a line that a new file brought to a date that has grown. -#}
{% macro is_late_line() -%}
    event_date in ({{ grown_dates() }})
    and {{ in_arrivals(changed_arrivals(arrivals_upstream()), 'is_new') }}
{%- endmacro %}

{#- The changed dates that are built whole. -#}
{% macro whole_dates() -%}
    {{ changed_dates(followed_dates()) }}
    {%- if grows() %}
    except
    {{ grown_dates() }}
    {%- endif -%}
{%- endmacro %}

{#- As in_changed_dates, of dates that have grown the grown keys only. One condition, not one for each kind of date: DuckDB would see
    what two readings of the events have in common, and write down all of it. The first and the last date stand in it as constants:
    the scan of events without a session id does not see the dates otherwise, and would read all there ever were. -#}
{% macro in_changed_rows(date_column, key, dates_relation) -%}
    {{ in_changed_dates(date_column, dates_relation) }}
    {%- if is_incremental() and grows() %}
    and ({{ date_column }} not in ({{ grown_dates() }}) or {{ key }} in ({{ grown_keys() }}))
    {%- set query -%}
        select cast(min(event_date) as varchar), cast(max(event_date) as varchar) from ({{ changed_dates(dates_relation) }}) as changed
    {%- endset -%}
    {%- set found = run_query(query).rows[0] if execute else [none, none] -%}
    {%- if found[0] %}
    and {{ date_column }} between date '{{ found[0] }}' and date '{{ found[1] }}'
    {%- endif %}
    {%- endif -%}
{%- endmacro %}
