{#- Rows of a model with a row per key and date (`days_relation`), of all keys that must be built anew: on a full run all rows.
    A key is built anew when it is seen on a changed date, or was: `this` has first_event_at and last_event_at per row; of dates
    that have grown only the grown keys count (see grown_dates). What lies on dates that are built whole is read as it stands;
    rows of other dates are looked for only between the first and the last date of keys that may have some, so that a long history
    is not read to find few.
    `columns`: what comes of a row. `held_columns`: the same of a row of the model, which by these stands for all days that it was made
    of. Keys that come on new dates, and on no other changed date, then come with this row in place of their days: who comes back
    after a year is not summed up over the year.
    `late_rows`: a query with `columns` for what late lines add to each key on dates that have grown; keys that come with late lines
    then come with the held row, too. The query asks which lines are late: its model calls note_changes before. -#}
{% macro rows_of_changed_keys(days_relation, key, columns='*', held_columns=none, late_rows=none) -%}
    {%- set date_column = days_date() -%}
    {%- if not is_incremental() -%}
    (select {{ columns }} from {{ days_relation }})
    {%- else -%}
    {%- if not late_rows -%}
        {%- do note_changes() -%}
    {%- endif -%}
    (
        with
        {%- if late_rows %}
        late_rows as ({{ late_rows }}),
        {%- endif %}
        spans as materialized ({{ spans_over_other_dates(days_relation, key, held_columns is not none, late_rows is not none) }}),

        other_keys as materialized (
            select {{ key }} from spans
            {%- if grows() and not late_rows %}
            union all
            {{ grown_keys() }}
            {%- endif %}
        ),

        other_dates as (
            select distinct unnest(generate_series(first_date, last_date, interval 1 day)) as event_date
            from spans
            {%- if grows() %}
            union all
            {{ grown_dates() }}
            {%- endif %}
        )

        select {{ columns }} from {{ days_relation }}
        where {{ date_column }} in ({{ whole_dates() }})
        union all
        select {{ columns }} from {{ days_relation }}
        where {{ has_key_of(
            days_relation,
            key,
            'select other_keys.' ~ key ~ ' from other_keys',
            date_column ~ ' in (select cast(other_dates.event_date as date) from other_dates) and '
            ~ date_column ~ ' not in (' ~ whole_dates() ~ ')',
        ) }}
        {%- if late_rows %}
        union all
        select {{ columns }} from late_rows
        where {{ key }} not in (select other_keys.{{ key }} from other_keys)
        {%- endif %}
        {%- if held_columns %}
        union all
        select {{ held_columns }} from {{ this }}
        where
            {#- what else is asked stands outside: see has_key_of #}
            {{ has_key_of(
                this,
                key,
                ('select ' ~ key ~ ' from late_rows union all ' if late_rows else '') ~ 'select ' ~ key ~ ' from ' ~ days_relation
                ~ ' where ' ~ date_column ~ ' in (' ~ dates_to_come() ~ ')',
            ) }}
            and {{ key }} not in (select other_keys.{{ key }} from other_keys)
            and not {{ is_of_one_whole_date('cast(first_event_at as date)', 'cast(last_event_at as date)') }}
        {%- endif %}
    )
    {%- endif -%}
{%- endmacro %}

{#- The rows of `this` that leave when the keys come that rows_of_changed_keys tells: their row numbers, with `columns`. A row may
    be told twice. -#}
{% macro rows_that_leave(days_relation, key, columns='') -%}
    select rowid{{ columns }} from {{ this }}
    where
        {{ is_of_one_whole_date('cast(first_event_at as date)', 'cast(last_event_at as date)') }}
        and {{ ends_since(whole_dates()) }}
    union all
    select rowid{{ columns }} from {{ this }}
    where {{ key }} in (
        {{ keys_with_other_dates(days_relation, key) }}
    )
{%- endmacro %}

{#- Of the keys that are built anew, those that may have rows of dates that are not built whole. These rows were there when `this`
    was built, so it knows the keys: what it holds of one such date alone has nothing else.
    `config.meta.spans_of`: a model with one row per key that is up to date and has first_event_at and last_event_at, which tells
    it without comparing keys.
    `are_held`: without the keys of new dates, whose row in `this` stands for their other dates; `late_are_held`: nor those that have
    grown. -#}
{% macro keys_with_other_dates(days_relation, key, are_held=false, late_are_held=false) -%}
    {%- set meta = config.get('meta') or {} -%}
    select {{ key }} from ({{ spans_over_whole_dates(this, key) }}) as lasting
    union all
    {%- if meta.get('spans_of') %}
    select {{ key }} from ({{ spans_over_whole_dates(ref(meta['spans_of']), key) }}) as lasting
    {%- else %}
    select {{ key }} from {{ days_relation }}
    where {{ days_date() }} in (
        {{ whole_dates() }}
        {%- if are_held %}
        except
        {{ dates_to_come() }}
        {%- endif %}
    )
    {%- endif %}
    {%- if grows() and not late_are_held %}
    union all
    {{ grown_keys() }}
    {%- endif %}
{%- endmacro %}

{#- First and last date of these keys' rows: what they have on other dates lies between. A key that has grown lies on a changed date,
    as the model says that is up to date (`spans_of`). -#}
{% macro spans_over_other_dates(days_relation, key, are_held=false, late_are_held=false) -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- if meta.get('spans_of') -%}
        {%- for relation in [this, ref(meta['spans_of'])] %}
    {{ spans_over_whole_dates(relation, key) }}
            {%- if grows() %}
    union all
    {{ spans_over_dates(relation, key) }} and {{ key }} in ({{ grown_keys() }})
            {%- if relation != this %} and {{ ends_since(changed_dates(followed_dates())) }}{% endif %}
            {%- endif %}
    {{ "union all" if not loop.last }}
        {%- endfor %}
    {%- else -%}
    select *
    from (
        select {{ dated(key) }}
        from {{ this }}
        where {{ key }} in ({{ keys_with_other_dates(days_relation, key, are_held, late_are_held) }})
    ) as known
    where not {{ is_of_one_whole_date('first_date', 'last_date') }}
    {%- endif -%}
{%- endmacro %}

{#- The column with the date of a row of the model with a row per key and date: `config.meta.days_date`, by default event_date. -#}
{% macro days_date() -%}
    {{ return((config.get('meta') or {}).get('days_date', 'event_date')) }}
{%- endmacro %}

{#- The rows that begin on one date and end on another, with one that is built whole among them. -#}
{% macro spans_over_whole_dates(relation, key) -%}
    select lasting.*
    from ({{ spans_over_dates(relation, key) }} and {{ ends_since(whole_dates()) }}) as lasting
    semi join ({{ whole_dates() }}) as whole
        on whole.event_date >= lasting.first_date and whole.event_date <= lasting.last_date
{%- endmacro %}

{#- The rows that begin on one date and end on another; ends in a condition. -#}
{% macro spans_over_dates(relation, key) -%}
    select {{ dated(key) }}
    from {{ relation }}
    where cast(first_event_at as date) < cast(last_event_at as date)
{%- endmacro %}

{#- Condition: a row ends on the first of these dates or later. It follows from others and is there for the engine, which skips what
    lies before: of a year of rows those of the last days are read. -#}
{% macro ends_since(dates) -%}
    last_event_at >= (select cast(min(since.event_date) as timestamp) from ({{ dates }}) as since)
{%- endmacro %}

{% macro dated(key) -%}
    {{ key }}, cast(first_event_at as date) as first_date, cast(last_event_at as date) as last_date
{%- endmacro %}

{#- Condition: a row lies within one date, and this date is built whole. -#}
{% macro is_of_one_whole_date(first_date, last_date) -%}
    ({{ first_date }} = {{ last_date }} and {{ first_date }} in ({{ whole_dates() }}))
{%- endmacro %}

{#- Incremental strategy `by_entity`: changed keys leave and come again; `config.meta`: key, days
    (model with a row per key and date). -#}
{% macro get_incremental_by_entity_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set meta = config.require('meta') -%}
    delete from {{ arguments['target_relation'] }}
    where rowid in ({{ rows_that_leave(ref(meta['days']), meta['key']) }});
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
