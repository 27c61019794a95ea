{#- True when a rule of the seed channel_rules fits a source, its kind, a medium and a campaign; an
    empty condition of a rule always fits. Case does not count. -#}
{% macro channel_matches(visits, rules) -%}
    (
        coalesce({{ rules }}.source_kind, '') in ('', {{ visits }}.source_kind)
        and {% for field in ['source', 'medium', 'campaign'] -%}
        (coalesce({{ rules }}.{{ field }}_pattern, '') = '' or regexp_matches(
            coalesce({{ visits }}.{{ field }}, ''), '(?i)' || {{ rules }}.{{ field }}_pattern
        )){{ " and " if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
