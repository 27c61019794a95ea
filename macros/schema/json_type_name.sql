{#- The type of a JSON value as RFC 8259 names it: string, number, boolean, object, array, null. -#}
{% macro json_type_name(type) -%}
    case {{ type }}
        when 'VARCHAR' then 'string'
        when 'BOOLEAN' then 'boolean'
        when 'OBJECT' then 'object'
        when 'ARRAY' then 'array'
        when 'NULL' then 'null'
        else 'number'
    end
{%- endmacro %}
