{#- The tables in which dbt keeps its own book: what ran, with what result, and what each incremental model holds. -#}
{% macro create_operations_tables() %}
    create schema if not exists operations;
    create table if not exists operations.builds (
        invocation_id varchar,
        command varchar,
        is_full boolean,
        started_at timestamp,
        finished_at timestamp,
        pass_count integer,
        warn_count integer,
        error_count integer,
        skip_count integer,
        is_rebuild boolean
    );
    alter table operations.builds add column if not exists is_rebuild boolean;
    create table if not exists operations.build_rules (invocation_id varchar, rules_id varchar, content varchar);
    create table if not exists operations.build_inputs (
        invocation_id varchar,
        kind varchar,
        source_schema varchar,
        input_name varchar
    );
    create table if not exists operations.engine (hash_probe varchar);
    create table if not exists operations.node_results (
        invocation_id varchar,
        unique_id varchar,
        node_name varchar,
        resource_type varchar,
        status varchar,
        failure_count bigint,
        message varchar,
        relation_name varchar,
        execution_seconds double
    );
    create table if not exists operations.model_arrivals (
        model_name varchar,
        source_name varchar,
        table_name varchar,
        load_id varchar,
        source_file varchar
    );
    create table if not exists operations.model_partitions (
        model_name varchar,
        partition_key varchar,
        input_version varchar,
        content_hash varchar,
        row_count bigint
    );
    create table if not exists operations.changed_keys (
        model_name varchar,
        change_number bigint,
        partition_key varchar,
        from_version varchar,
        to_version varchar,
        key_value varchar
    );
    create table if not exists operations.tested_dates (
        dates_model varchar,
        event_date date,
        version varchar,
        tests_version varchar
    );
    create table if not exists operations.tested_arrivals (
        source_name varchar,
        table_name varchar,
        load_id varchar,
        source_file varchar,
        tests_version varchar
    );
{% endmacro %}
