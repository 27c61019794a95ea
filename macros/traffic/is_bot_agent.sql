{#- True when a rule of the seed bot_rules makes a user agent a bot: its text is part of the user
    agent (in any case), or the rule follows the library. -#}
{% macro is_bot_agent(agents, rules) -%}
    (
        ({{ rules }}.rule_kind = 'user_agent' and contains(lower({{ agents }}.user_agent), lower({{ rules }}.pattern)))
        or ({{ rules }}.rule_kind = 'library' and {{ agents }}.is_spider)
    )
{%- endmacro %}
