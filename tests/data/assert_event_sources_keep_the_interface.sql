-- Models downstream read every event source by one interface (docs/event_interface.md): each model
-- of the var event_sources has its columns and types, and keeps its null rules in new arrivals.
-- A new source is tested without a line of YAML.
{{ config(fail_calc='coalesce(sum(violation_count), 0)') }}

with validation_errors as (
    {%- for staging_model in var('event_sources') %}
    select '{{ staging_model }}' as staging_model, rule_name, violation_count
    from ({{ event_interface_errors(staging_model) }}) as interface_errors
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from validation_errors
