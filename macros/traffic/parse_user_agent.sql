{#- A user agent as a struct: browser, browser_version, os, device, is_spider. The function comes
    from clickstream/user_agents.py (a plugin of profiles.yml); it costs about 1 ms: parse distinct
    user agents only. -#}
{% macro parse_user_agent(user_agent) -%}
    {{ return(adapter.dispatch('parse_user_agent', 'clickstream')(user_agent)) }}
{%- endmacro %}

{% macro duckdb__parse_user_agent(user_agent) -%}
    parse_user_agent({{ user_agent }})
{%- endmacro %}

{#- Name and version of the parser's rules. -#}
{% macro user_agent_parser_version() -%}
    {{ return(adapter.dispatch('user_agent_parser_version', 'clickstream')()) }}
{%- endmacro %}

{% macro duckdb__user_agent_parser_version() -%}
    user_agent_parser_version()
{%- endmacro %}
