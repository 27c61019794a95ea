{#- Figures of closed dates that differ from those readers see: published dates that were over when they were published. A date
    after the newest one that the mart held then, or before the oldest, had not been published: its coming is no restatement. -#}
{% macro moved_figures(last) -%}
    select
        coalesce(current_figures.mart_name, published_figures.mart_name) as mart_name,
        coalesce(current_figures.measure_name, published_figures.measure_name) as measure_name,
        coalesce(current_figures.figure_date, published_figures.figure_date) as figure_date,
        coalesce(published_figures.measure_value, 0) as previous_value,
        coalesce(current_figures.measure_value, 0) as new_value
    from {{ ref('date_figures') }} as current_figures
    full outer join ({{ published_figures() }}) as published_figures
        on
            current_figures.mart_name = published_figures.mart_name
            and current_figures.measure_name = published_figures.measure_name
            and current_figures.figure_date = published_figures.figure_date
    inner join (
        select
            mart_name,
            min(figure_date) as first_date,
            max(figure_date) as last_date
        from ({{ published_figures() }}) as published_figures
        group by mart_name
    ) as spans
        on
            coalesce(current_figures.mart_name, published_figures.mart_name) = spans.mart_name
            and coalesce(current_figures.figure_date, published_figures.figure_date)
            between spans.first_date and spans.last_date
    where
        current_figures.content_hash is distinct from published_figures.content_hash
        and coalesce(current_figures.figure_date, published_figures.figure_date) < date '{{ last.date }}'
{%- endmacro %}

{#- The figures that readers see. -#}
{% macro published_figures() -%}
    {{ published_rows(ref('date_figures')) }}
{%- endmacro %}

{#- Which files, in which loads, brought the lines of these dates that readers see. -#}
{% macro published_arrivals(dates) -%}
    {{ published_rows(ref('date_arrivals'), 'arrival_date', dates) }}
{%- endmacro %}

{#- The dates of moved figures and those beside them, as texts: whose lines may be the cause. -#}
{% macro dates_of_moved_figures(last) -%}
    {%- if not execute or not last.number or not load_relation(ref('date_figures')) -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set found = run_query(
        "select distinct cast(cast(figure_date + unnest([-1, 0, 1]) as date) as varchar) as near_date from ("
        ~ moved_figures(last) ~ ") as moved"
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{%- endmacro %}

{#- SQL condition: models were built anew since the last publication (a changed rule, --full-refresh), which may show in any date. -#}
{% macro is_rebuilt_since(last) -%}
    exists (
        select 1
        from operations.builds as later
        where
            later.is_rebuild
            and later.rowid > (select max(rowid) from operations.builds where invocation_id = '{{ last.build }}')
    )
{%- endmacro %}

{#- After date_figures is built (same transaction): a build that makes it anew is one in which the marts were made anew too. -#}
{% macro record_rebuild() -%}
    {%- if not is_incremental() -%}
    update operations.builds set is_rebuild = true where invocation_id = '{{ invocation_id }}'
    {%- endif -%}
{%- endmacro %}
