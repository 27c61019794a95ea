{#- The campaign tags of an event's page (utm_source, utm_medium, utm_campaign, in lower case) as one
    text; null when it has none, and always without the var new_session_at_campaign. -#}
{% macro campaign_tags(events) -%}
    {%- set query = events ~ '.page_query' -%}
    {%- if var('new_session_at_campaign') -%}
    case
        when contains({{ query }}, 'utm_')
            then nullif(lower(concat_ws(
                '|',
                {{ query_parameter(query, 'utm_source') }},
                {{ query_parameter(query, 'utm_medium') }},
                {{ query_parameter(query, 'utm_campaign') }}
            )), '')
    end
    {%- else -%}
    cast(null as varchar)
    {%- endif -%}
{%- endmacro %}
