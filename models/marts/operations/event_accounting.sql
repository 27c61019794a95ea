-- Where every line of every event file went: line_count = event_count + duplicate_count +
-- quarantined_count + blank_count.
-- Grain: one row per source_name and source_file.
-- Line counts come from the ledger, the rest from the models: the test compares two independent
-- books.

{{ config(materialized='table') }}

with ledger as (
    {% for staging_model in var('event_sources') -%}
    {%- set raw_table = raw_table_of(staging_model) %}
    select
        arrivals.source_name,
        arrivals.source_file,
        sum(arrivals.line_count) as line_count,
        sum(arrivals.skipped_line_count) as skipped_line_count,
        sum(arrivals.rejected_count) as refused_count,
        count(*) as load_count
    from {{ source('ingest', 'arrivals') }} as arrivals
    inner join (
        {{ complete_arrivals(raw_table['source'], raw_table['table']) }}
    ) as complete
        on
            arrivals.load_id = complete.load_id
            and arrivals.source_name = complete.source_name
            and arrivals.table_name = complete.table_name
            and arrivals.source_file = complete.source_file
    group by arrivals.source_name, arrivals.source_file
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

arrived as (
    select
        source_name,
        _source_file as source_file,
        sum(line_count) filter (line_kind = 'accepted') as accepted_count,
        sum(line_count) filter (line_kind = 'rejected') as rejected_count,
        sum(line_count) filter (line_kind = 'blank') as blank_count
    from {{ ref('event_arrivals') }}
    group by source_name, _source_file
),

repeated as (
    select
        source_name,
        _source_file as source_file,
        count(*) filter (not is_conflict) as duplicate_count,
        count(*) filter (is_conflict) as conflict_count
    from {{ ref('event_repeats') }}
    group by source_name, _source_file
),

final as (
    select
        ledger.source_name,
        ledger.source_file,
        cast(ledger.line_count as bigint) as line_count,
        cast(ledger.skipped_line_count as bigint) as skipped_line_count,
        cast(coalesce(arrived.blank_count, 0) as bigint) as blank_count,
        cast(
            coalesce(arrived.accepted_count, 0)
            - coalesce(repeated.duplicate_count, 0)
            - coalesce(repeated.conflict_count, 0)
            as bigint
        ) as event_count,
        coalesce(repeated.duplicate_count, 0) as duplicate_count,
        cast(
            coalesce(arrived.rejected_count, 0)
            + coalesce(repeated.conflict_count, 0)
            + ledger.refused_count
            as bigint
        ) as quarantined_count,
        coalesce(repeated.conflict_count, 0) as conflict_count,
        ledger.load_count
    from ledger
    left join arrived
        on ledger.source_name = arrived.source_name and ledger.source_file = arrived.source_file
    left join repeated
        on ledger.source_name = repeated.source_name and ledger.source_file = repeated.source_file
)

select * from final
