{#- Columns that an event source may have: order_id and order_amount of purchases, by which sessions
    are given their revenue. Null where a staging model has no such column. -#}
{% macro optional_columns(relation) -%}
    {%- set types = {'order_id': 'varchar', 'order_amount': 'decimal(18, 4)'} -%}
    {%- set present = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list if execute else [] -%}
    {%- for name, type in types.items() -%}
        {%- if name in present -%}
        {{ name }}
        {%- else -%}
        cast(null as {{ type }}) as {{ name }}
        {%- endif -%}
        {{ ",
        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
