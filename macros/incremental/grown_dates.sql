{#- A late file touches few sessions of a date that may have a million. A date has grown for a model when it holds all that the date
    had and none of that has changed: only lines of new files came. Then only the keys that these lines name are built anew, and
    come out as if all were (docs/decisions/0012). `config.meta.grows_by` names the key, a column of events and of the model, which
    must be decided by the events of one key alone. Of a model of sums, minima and maxima `adds_by` names what tells the rows of a date
    apart: to the rows that are held is added what late lines count (added_up). Every other changed date is built whole.
    A version has up to four parts: what the events are (a sum over files, see event_dates), which user agents they name and what is
    known of these (a sum over agents: those that only new lines name are taken off; in marked_dates a sum over sessions of bots,
    likewise), what else decides, and what the model finds by comparing its rows (`config.meta.compares`, a macro with a query of
    keys). Lines without a session id may join or part the sessions of others: a date to which they come has not grown but changed.
    A model with `config.meta.told_by` asks no lines: that model has noted which rows of `grows_by` it replaced (told_keys).
    The dates and the keys are found once and noted (note_changes). -#}
{% macro grown_dates() -%}
    select event_date from {{ note_of('dates') }} where has_grown
{%- endmacro %}

{#- The changed dates that have grown. -#}
{% macro find_grown_dates() -%}
    {%- set dates_of = (config.get('meta') or {}).get('dates_of', 'event_dates') -%}
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
        where {{ is_of_new_arrival() }}
        group by event_date
    ) as added
        on present_dates.event_date = added.event_date
    {%- if dates_of != 'event_dates' %}
    left join ({{ added_bots() if dates_of == 'marked_dates' else added_agents() }}) as added_beside
        on present_dates.event_date = added_beside.event_date
    {%- endif %}
    where
        present_dates.version <> held_dates.input_version
        and {{ has_grown_by('added.version', 1) }}
    {%- if dates_of != 'event_dates' %}
        and {{ has_grown_by('added_beside.version', 2) }}
        and {{ version_part('present_dates.version', 3) }} = {{ version_part('held_dates.input_version', 3) }}
        and coalesce(added.missing_session_count, 0) = 0
    {%- endif %}
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
    inner join ({{ arrived_by('user_agent') }}) as arrived
        on
            agents.event_date = arrived.event_date
            and agents.user_agent = arrived.user_agent
            and agents.event_count = arrived.event_count
    group by agents.event_date
{%- endmacro %}

{#- Of dates that this model holds, the sessions of bots that only lines of new files make. -#}
{% macro added_bots() -%}
    select bots.event_date, sum(cast({{ bot_version('bots') }} as hugeint)) as version
    from {{ ref('bot_session_days') }} as bots
    inner join ({{ arrived_by('session_id') }}) as arrived
        on
            bots.event_date = arrived.event_date
            and bots.session_id = arrived.session_id
    inner join {{ ref('session_days') }} as session_days
        on
            bots.event_date = session_days.event_date
            and bots.session_id = session_days.session_id
            and arrived.event_count = session_days.event_count
    group by bots.event_date
{%- endmacro %}

{#- How many events new arrivals brought to dates that this model holds, by a column. -#}
{% macro arrived_by(column) -%}
    select event_date, {{ column }}, count(*) as event_count
    from {{ ref('events') }}
    where
        {{ column }} is not null
        and event_date in (select held_dates.event_date from ({{ held_dates() }}) as held_dates)
        and {{ between_dates('event_date', find_changed_dates(followed_dates())) }}
        and {{ is_of_new_arrival() }}
    group by event_date, {{ column }}
{%- endmacro %}

{#- A number that stands for a row of bot_session_days. -#}
{% macro bot_version(bots) -%}
    {{ event_key("concat_ws('|', " ~ bots ~ ".session_id, " ~ bots ~ ".bot_rule_id)") }}
{%- endmacro %}

{% macro version_part(version, number) -%}
    split_part({{ version }}, ' ', {{ number }})
{%- endmacro %}

{#- Whether this model builds of dates that have grown only what did. -#}
{% macro grows() -%}
    {%- set meta = config.get('meta') or {} -%}
    {{ return('grows_by' in meta or 'adds_by' in meta) }}
{%- endmacro %}

{#- The keys that are built anew on dates that have grown. -#}
{% macro grown_keys() -%}
    select {{ config.require('meta')['grows_by'] }} from {{ note_of('keys') }}
{%- endmacro %}

{#- Condition for events: a line that a new file brought to a date that has grown. -#}
{% macro is_late_line(date_column='event_date') -%}
    {{ date_column }} in ({{ grown_dates() }})
    {%- if is_incremental() %}
    and {{ between_dates(date_column, grown_dates()) }}
    {%- endif %}
    and {{ is_of_new_arrival() }}
{%- endmacro %}

{#- The changed dates that are built whole. -#}
{% macro whole_dates() -%}
    {%- if grows() -%}
    select event_date from {{ note_of('dates') }} where not has_grown
    {%- else -%}
    {{ changed_dates(followed_dates()) }}
    {%- endif -%}
{%- endmacro %}

{#- As in_changed_dates, of dates that have grown the grown keys only. One condition, not one for each kind of date: DuckDB would see
    what two readings of the events have in common, and write down all of it. Where no date has changed, nothing is read. -#}
{% macro in_changed_rows(date_column, key, dates_relation) -%}
    {%- do note_changes() -%}
    {{ in_changed_dates(date_column, dates_relation, bounded=true, divided_by=key) }}
    {%- if is_incremental() and grows() %}
    and ({{ date_column }} not in ({{ grown_dates() }}) or {{ key }} in ({{ grown_keys() }}))
    {%- endif -%}
{%- endmacro %}
