-- Lines of event files that are no event: every reason, the place, and the line itself.
-- Grain: one row per quarantined line (source_name, load_id, source_file, source_line).
-- A view: the payload is read from raw when somebody asks.

{{ config(materialized='view', meta={'publish': false}) }}

with rejected_lines as (
    select
        source_name,
        _dlt_load_id,
        _source_file,
        _source_line,
        event_id,
        reject_reasons as reasons
    from ({{ event_rows() }}) as event_rows
    where reject_reasons is not null
),

conflicting_lines as (
    select
        source_name,
        _dlt_load_id,
        _source_file,
        _source_line,
        event_id,
        ['event_id_conflict'] as reasons
    from {{ ref('event_repeats') }}
    where is_conflict
),

quarantined_lines as (
    select * from rejected_lines
    union all
    select * from conflicting_lines
),

with_payload as (
    select
        quarantined_lines.source_name,
        quarantined_lines._source_file as source_file,
        quarantined_lines._source_line as source_line,
        quarantined_lines.event_id,
        quarantined_lines.reasons,
        payloads.payload,
        quarantined_lines._dlt_load_id as load_id
    from quarantined_lines
    inner join ({{ event_payloads() }}) as payloads
        on
            quarantined_lines._dlt_load_id = payloads._dlt_load_id
            and quarantined_lines._source_file = payloads._source_file
            and quarantined_lines._source_line = payloads._source_line
            and quarantined_lines.source_name = payloads.source_name
),

refused_records as (
    select
        rejected_records.source_name,
        rejected_records.source_file,
        rejected_records.source_line,
        cast(null as varchar) as event_id,
        string_split(rejected_records.reason, ',') as reasons,
        rejected_records.payload,
        rejected_records.load_id
    from {{ source('ingest', 'rejected_records') }} as rejected_records
    inner join ({{ current_arrivals(var('event_sources')) }}) as held
        on
            rejected_records.source_name = held.source_name
            and rejected_records.table_name = held.table_name
            and rejected_records.load_id = held.load_id
            and rejected_records.source_file = held.source_file
),

final as (
    select * from with_payload
    union all
    select * from refused_records
)

select * from final
