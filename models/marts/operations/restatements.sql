-- Which published dates each publication changed, from what figure to what, and because of what:
-- so that nobody wonders why yesterday's figure moved.
-- Grain: one row per publication_number, mart_name, measure_name and restated_date.
-- A date counts once it was over when it was published: the growth of the day that still runs is
-- none. The rows of the next publication are found by comparing with the last one itself, so
-- neither a crash nor a build that is never published can lose one or count it twice.

{%- set last = last_publication() %}
{%- set dates = dates_of_moved_figures(last) %}

{{ config(
    materialized='incremental',
    incremental_strategy='by_publication',
    full_refresh=false,
    on_schema_change='append_new_columns',
    meta={'publish_by': 'build_date'},
) }}

with moved as (
    select * from ({{ moved_figures(last) }}) as moved_figures
),

current_arrivals as (
    select * from {{ ref('date_arrivals') }}
    where arrival_date in ({{ "'" ~ dates | join("', '") ~ "'" if dates else 'null' }})
),

published_arrivals as (
    select * from ({{ published_arrivals(dates) }}) as published_rows
),

-- Lines that came for a date, or went, since the last publication.
changes as (
    select
        coalesce(came.arrival_date, went.arrival_date) as arrival_date,
        coalesce(came.source_file, went.source_file) as source_file,
        coalesce(came.load_id, went.load_id) as load_id,
        came.load_id is null as is_forgotten
    from current_arrivals as came
    full outer join published_arrivals as went
        on
            came.arrival_date = went.arrival_date
            and came.source_name = went.source_name
            and came.source_file = went.source_file
            and came.load_id = went.load_id
    where came.load_id is null or went.load_id is null or came.line_count <> went.line_count
),

-- The lines of the date itself; where there are none, those of the dates beside it, by sessions
-- over midnight.
causes as (
    select
        dates.figure_date,
        changes.source_file,
        changes.load_id,
        changes.is_forgotten
    from (select distinct figure_date from moved) as dates
    inner join changes on abs(date_diff('day', dates.figure_date, changes.arrival_date)) <= 1
    qualify
        dates.figure_date = changes.arrival_date
        or not bool_or(dates.figure_date = changes.arrival_date) over (
            partition by dates.figure_date
        )
),

by_date as (
    select
        figure_date,
        list(distinct load_id order by load_id) as load_ids,
        list(distinct source_file order by source_file) as source_files,
        bool_or(not is_forgotten) as has_new_lines,
        bool_or(is_forgotten) as has_forgotten_lines
    from causes
    group by figure_date
),

explained as (
    select
        moved.*,
        by_date.load_ids,
        by_date.source_files,
        coalesce(by_date.has_new_lines, false) as has_new_lines,
        coalesce(by_date.has_forgotten_lines, false) as has_forgotten_lines,
        by_date.figure_date is null or {{ is_rebuilt_since(last) }} as has_new_rules
    from moved
    left join by_date on moved.figure_date = by_date.figure_date
    where moved.previous_value <> moved.new_value or by_date.figure_date is not null
),

final as (
    select
        {{ last.number + 1 }} as publication_number,
        date '{{ run_started_at.strftime("%Y-%m-%d") }}' as build_date,
        mart_name,
        measure_name,
        figure_date as restated_date,
        previous_value,
        new_value,
        new_value - previous_value as difference,
        list_filter(
            [
                case when has_new_lines then 'new_lines' end,
                case when has_forgotten_lines then 'forgotten_file' end,
                case when has_new_rules then 'rules' end,
            ],
            lambda reason: reason is not null
        ) as reasons,
        coalesce(load_ids, []) as load_ids,
        coalesce(len(source_files), 0) as source_file_count,
        coalesce(source_files[1:{{ var('restatement_files') }}], []) as source_files
    from explained
)

select * from final
