{#- Arrivals that this model has not read yet (is_new) or has read and that are gone (forgotten files).
    `upstream`: either a raw table ({'source': s, 'table': t}) or a list of models whose own book of arrivals is followed. -#}
{% macro current_arrivals(upstream) -%}
    {%- if upstream is mapping -%}
        {{ complete_arrivals(upstream['source'], upstream['table']) }}
    {%- else -%}
    select source_name, table_name, load_id, source_file
    from operations.model_arrivals
    where model_name in ({% for name in upstream %}'{{ name }}'{{ ", " if not loop.last }}{% endfor %})
    {%- endif -%}
{%- endmacro %}

{% macro changed_arrivals(upstream) -%}
    select
        coalesce(upstream_arrivals.source_name, known_arrivals.source_name) as source_name,
        coalesce(upstream_arrivals.table_name, known_arrivals.table_name) as table_name,
        coalesce(upstream_arrivals.load_id, known_arrivals.load_id) as load_id,
        coalesce(upstream_arrivals.source_file, known_arrivals.source_file) as source_file,
        known_arrivals.load_id is null as is_new
    from ({{ current_arrivals(upstream) }}) as upstream_arrivals
    full outer join (
        select source_name, table_name, load_id, source_file
        from operations.model_arrivals
        where model_name = '{{ model.name }}'
    ) as known_arrivals
        on
            upstream_arrivals.source_name = known_arrivals.source_name
            and upstream_arrivals.table_name = known_arrivals.table_name
            and upstream_arrivals.load_id = known_arrivals.load_id
            and upstream_arrivals.source_file = known_arrivals.source_file
    where known_arrivals.load_id is null or upstream_arrivals.load_id is null
{%- endmacro %}

{#- What a model follows: `config.meta.arrivals_of` or, for a staging model, the raw table its name states (stg_<source>__<table>). -#}
{% macro arrivals_upstream() -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set followed = (config.get('meta') or {}).get('arrivals_of') -%}
    {%- if followed == 'event_sources' -%}
        {{ return(var('event_sources')) }}
    {%- elif followed == 'watched_models' -%}
        {{ return(watched_models()) }}
    {%- elif followed -%}
        {{ return(followed) }}
    {%- endif -%}
    {{ return(raw_table_of(model.name)) }}
{%- endmacro %}

{#- stg_<source>__<table>[__<part>] -> {'source': …, 'table': …} -#}
{% macro raw_table_of(model_name) -%}
    {%- set parts = model_name[4:].split('__') -%}
    {%- if not model_name.startswith('stg_') or parts | length < 2 -%}
        {{ exceptions.raise_compiler_error(
            "The staging model '" ~ model_name ~ "' must be named stg_<source>__<table>: its raw table is found by that name."
        ) }}
    {%- endif -%}
    {{ return({'source': parts[0], 'table': parts[1]}) }}
{%- endmacro %}

{#- After a model is built (same transaction): its book says that it holds all current arrivals. -#}
{% macro record_arrivals() -%}
    delete from operations.model_arrivals where model_name = '{{ model.name }}';
    insert into operations.model_arrivals (model_name, source_name, table_name, load_id, source_file)
    select '{{ model.name }}', source_name, table_name, load_id, source_file
    from ({{ current_arrivals(arrivals_upstream()) }}) as held_arrivals
{%- endmacro %}

{#- Condition: the row belongs to one of the arrivals that a query tells (load_id, source_file). Loads are asked for by
    themselves as well: by them DuckDB skips what it need not read, by a pair of columns it does not. -#}
{% macro in_arrivals(arrivals, condition='true', load_id='_dlt_load_id', source_file='_source_file') -%}
    (
        {{ load_id }} in (select load_id from ({{ arrivals }}) as told where {{ condition }})
        and ({{ load_id }}, {{ source_file }}) in (
            select (load_id, source_file) from ({{ arrivals }}) as told where {{ condition }}
        )
    )
{%- endmacro %}
