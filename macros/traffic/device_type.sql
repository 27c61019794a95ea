{#- desktop, mobile, tablet, bot or other, from what the parser says. An Android device without
    "Mobile" in its user agent is a tablet (Google's own rule); an iPad that calls itself a Mac
    cannot be told from one. -#}
{% macro device_type(user_agent, os, device, is_bot) -%}
    case
        when {{ is_bot }} then 'bot'
        when
            {{ device }} in ('iPad', 'Kindle', 'Kindle Fire') or contains({{ user_agent }}, 'Tablet')
            or ({{ os }} = 'Android' and not contains({{ user_agent }}, 'Mobile'))
            then 'tablet'
        when
            {{ os }} in ('Android', 'iOS', 'Windows Phone', 'BlackBerry OS', 'KaiOS', 'HarmonyOS', 'Symbian OS')
            or contains({{ user_agent }}, 'Mobile')
            then 'mobile'
        when
            {{ os }} in (
                'Windows', 'Mac OS X', 'Mac OS', 'Linux', 'Ubuntu', 'Debian', 'Fedora', 'Chrome OS', 'FreeBSD',
                'OpenBSD', 'NetBSD', 'Solaris'
            )
            then 'desktop'
        else 'other'
    end
{%- endmacro %}
