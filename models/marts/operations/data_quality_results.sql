-- The result of each data test and unit test of each build.
-- Grain: one row per invocation_id and unique_id of the test.
-- A view on dbt's own book: the build that is running shows up when it has ended.

{{ config(materialized='view') }}

-- depends_on: {{ ref('event_accounting') }}

with node_results as (
    select * from operations.node_results
),

builds as (
    select * from operations.builds
),

final as (
    select
        node_results.invocation_id,
        node_results.unique_id,
        node_results.node_name as test_name,
        node_results.resource_type as test_type,
        node_results.status,
        node_results.failure_count,
        node_results.message,
        node_results.relation_name,
        node_results.execution_seconds,
        builds.started_at as build_started_at
    from node_results
    inner join builds on node_results.invocation_id = builds.invocation_id
    where node_results.resource_type in ('test', 'unit_test')
)

select * from final
