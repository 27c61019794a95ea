{#- True when a rule of the seed channel_rules fits a source, its kind, a medium and a campaign; an
    empty condition of a rule always fits. Case does not count. -#}
{% macro channel_matches(visits, rules) -%}
    (
        ({{ rules }}.source_kind is null or {{ rules }}.source_kind = {{ visits }}.source_kind)
        and {% for field in ['source', 'medium', 'campaign'] -%}
        ({{ rules }}.{{ field }}_pattern is null or regexp_matches(
            coalesce({{ visits }}.{{ field }}, ''), '(?i)' || {{ rules }}.{{ field }}_pattern
        )){{ " and " if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
