{#- For models whose rows rest on the earlier rows of their key, such as the how-manieth session of a visitor it is. Of a key that has a
    row on a changed date, or had, the rows from the first of these dates on are built anew; earlier ones stay as they are, and the last
    of these tells what was before. So what a day costs does not grow with the history of those who come back. On dates that have
    grown only the grown keys count (see grown_dates). The rows of `this` and of `days_relation` have a date of the same name
    (`date_column`). -#}

{#- Relation: the rows that are built anew; on a full run all rows. -#}
{% macro rows_since_change(days_relation, key, date_column) -%}
    {%- if not is_incremental() -%}
    {{ days_relation }}
    {%- else -%}
    {%- do note_changes() -%}
    (
        select days.*
        from {{ days_relation }} as days
        inner join ({{ first_changes(days_relation, key, date_column) }}) as changes
            on days.{{ key }} = changes.{{ key }} and {{ follows_change('days.' ~ date_column) }}
    )
    {%- endif -%}
{%- endmacro %}

{#- Relation: of the keys whose rows are built anew, the earlier rows, which stay. -#}
{% macro rows_before_change(days_relation, key, date_column) -%}
    (
        select held.*
        from {{ this }} as held
        inner join ({{ first_changes(days_relation, key, date_column) }}) as changes
            on held.{{ key }} = changes.{{ key }} and held.{{ date_column }} < changes.first_date
    )
{%- endmacro %}

{#- Query for the rows of this model that leave when the rows of rows_since_change come: their row numbers and dates (row_date). -#}
{% macro rows_that_follow(days_relation, key, date_column) -%}
    select held.rowid, held.{{ date_column }} as row_date
    from {{ this }} as held
    inner join ({{ first_changes(days_relation, key, date_column) }}) as changes
        on held.{{ key }} = changes.{{ key }} and {{ follows_change('held.' ~ date_column) }}
{%- endmacro %}

{#- Condition: a row lies on the first changed date of its key or later. The date of the first change of all follows from it and is there
    for the engine, which skips what lies before. -#}
{% macro follows_change(date_column) -%}
    {%- set first_date = first_and_last(changed_dates(followed_dates()))[0] -%}
    {{ date_column }} >= changes.first_date
            and {{ date_column ~ " >= date '" ~ first_date ~ "'" if first_date else 'false' }}
{%- endmacro %}

{#- Query for the keys with rows on changed dates, now or before, and the first of these dates of each. -#}
{% macro first_changes(days_relation, key, date_column) -%}
    {%- set changed = changed_dates(followed_dates()) -%}
    {%- set bounds = between_dates(date_column, changed) -%}
    select {{ key }}, min({{ date_column }}) as first_date
    from (
        {%- for relation in [days_relation, this] %}
        select {{ key }}, {{ date_column }}
        from {{ relation }}
        where
            {{ date_column }} in ({{ changed }}) and {{ bounds }}
            {%- if grows() %}
            and ({{ date_column }} not in ({{ grown_dates() }}) or {{ key }} in ({{ grown_keys() }}))
            {%- endif %}
        {{ "union all" if not loop.last }}
        {%- endfor %}
    ) as touched
    group by {{ key }}
{%- endmacro %}
