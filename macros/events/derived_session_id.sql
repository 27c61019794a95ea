{#- Who an event without a session id belongs to: its user, else a hash of address and user agent;
    null when the event has a session id, or nothing by which it could be told. Sources are kept
    apart. -#}
{% macro derived_visitor_key(events) -%}
    case
        when {{ events }}.session_id is null and {{ events }}.user_id is not null
            then md5(concat_ws('|', 'user', {{ events }}.source_name, {{ events }}.user_id))
        when
            {{ events }}.session_id is null
            and ({{ events }}.ip_address is not null or {{ events }}.user_agent is not null)
            then md5(concat_ws(
                '|',
                'device',
                {{ events }}.source_name,
                coalesce({{ events }}.ip_address, ''),
                coalesce({{ events }}.user_agent, '')
            ))
    end
{%- endmacro %}

{#- The id of a derived session: its visitor and the microsecond of its first event. -#}
{% macro derived_session_id(visitor_key, started_at) -%}
    ('derived:' || {{ visitor_key }} || ':' || epoch_us({{ started_at }}))
{%- endmacro %}

{#- Condition: the id of a session is a derived one. -#}
{% macro is_derived_session(session_id) -%}
    starts_with({{ session_id }}, 'derived:')
{%- endmacro %}
