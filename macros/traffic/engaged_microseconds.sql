{#- How long somebody was there: the gaps between sorted times (microseconds), each cut at the var
    engaged_gap_seconds, added up. A repeated ping adds nothing (its gap is 0), a missing one costs
    at most what lies beyond the cut. -#}
{% macro engaged_microseconds(sorted_times) -%}
    {{ return(adapter.dispatch('engaged_microseconds', 'clickstream')(sorted_times)) }}
{%- endmacro %}

{% macro duckdb__engaged_microseconds(sorted_times) -%}
    cast(coalesce(list_sum(list_transform(
        range(2, len({{ sorted_times }}) + 1),
        lambda i: {{ engaged_gap(sorted_times ~ '[i] - ' ~ sorted_times ~ '[i - 1]') }}
    )), 0) as bigint)
{%- endmacro %}

{#- The part of a gap (microseconds) that counts as engaged; a missing gap (null) is none. -#}
{% macro engaged_gap(gap) -%}
    least(coalesce({{ gap }}, 0), {{ var('engaged_gap_seconds') * 1000000 }})
{%- endmacro %}
