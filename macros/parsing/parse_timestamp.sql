{#- A point in time from text: ISO 8601 (without an offset: UTC), basic ISO, Unix time in s, ms, µs or ns, or a web server's
    17/May/2015:10:05:03 +0000. Null when it is none of these. Type: timestamp with time zone. -#}
{% macro parse_timestamp(column) -%}
    {{ return(adapter.dispatch('parse_timestamp', 'clickstream')(column)) }}
{%- endmacro %}

{% macro duckdb__parse_timestamp(column) -%}
    coalesce(
        try_cast({{ column }} as timestamptz),
        case
            when regexp_full_match({{ column }}, '[0-9]{9,10}([.][0-9]+)?')
                then to_timestamp(try_cast({{ column }} as double))
            when regexp_full_match({{ column }}, '[0-9]{12,13}')
                then make_timestamptz(try_cast({{ column }} as bigint) * 1000)
            when regexp_full_match({{ column }}, '[0-9]{15,16}')
                then make_timestamptz(try_cast({{ column }} as bigint))
            when regexp_full_match({{ column }}, '[0-9]{18}')
                then make_timestamptz(try_cast({{ column }} as bigint) // 1000)
            -- every format reads the offset: where one does not, DuckDB 2.0 keeps that of the row before
            else try_strptime(
                regexp_replace({{ column }}, 'Z$', '+0000'),
                ['%d/%b/%Y:%H:%M:%S %z', '%Y%m%dT%H%M%S%z', '%Y-%m-%dT%H:%M:%S,%g%z']
            )
        end
    )
{%- endmacro %}

{#- A point in time as UTC timestamp when it lies within the vars earliest_event_at and latest_event_at, else null. -#}
{% macro timestamp_in_range(column) -%}
    case
        when
            {{ column }} >= timestamptz '{{ var("earliest_event_at") }} 00:00:00+00'
            and {{ column }} < timestamptz '{{ var("latest_event_at") }} 00:00:00+00'
            then {{ utc_timestamp(column) }}
    end
{%- endmacro %}

{#- A point in time as UTC timestamp. -#}
{% macro utc_timestamp(column) -%}
    {{ return(adapter.dispatch('utc_timestamp', 'clickstream')(column)) }}
{%- endmacro %}

{#- Not a cast: that asks the calendar for the time zone, ten times the price. -#}
{% macro duckdb__utc_timestamp(column) -%}
    make_timestamp(epoch_us({{ column }}))
{%- endmacro %}
