{#- The host of a referrer in lower case, without www. and port; null for a path, and for the shop's
    own hosts (var site_domains). -#}
{% macro referrer_host(referrer) -%}
    {%- set host = "nullif(regexp_replace(lower(regexp_extract(" ~ referrer
        ~ ", '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)', 1)), '^www[.]', ''), '')" -%}
    case
        when {% for domain in var('site_domains') -%}
            {{ host }} = '{{ domain | lower }}' or ends_with({{ host }}, '.{{ domain | lower }}') or {% endfor -%} false
            then null
        else {{ host }}
    end
{%- endmacro %}

{#- True when a host is a domain of the seed referrer_sources or lies below it; `google.*` stands
    for google under any country. -#}
{% macro is_host_of(host, domain) -%}
    (
        {{ host }} = {{ domain }}
        or ends_with({{ host }}, '.' || {{ domain }})
        or (
            ends_with({{ domain }}, '.*')
            and contains('.' || {{ host }}, '.' || replace({{ domain }}, '.*', '.'))
            and regexp_full_match(
                {{ host }}, '(.*[.])?' || replace(replace({{ domain }}, '.*', ''), '.', '[.]') || '[.][a-z]{2,3}([.][a-z]{2})?'
            )
        )
    )
{%- endmacro %}
