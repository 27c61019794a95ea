{#- Fills the place holders for new data in a condition: `event_date in __new_dates__` (also
    __new_order_dates__ and __new_commerce_dates__), `(_dlt_load_id, _source_file) in
    __new_arrivals__`, `source_file in __new_files__`. `__first_new_date__` and `__last_new_date__`
    are the bounds of __new_dates__, `between __dates_of_new_arrivals__` those of __new_arrivals__: constants, by which DuckDB skips
    the rest of a long table. -#}
{% macro expand_new_data(condition) -%}
    {%- set meanings = {
        '__new_dates__': new_dates('event_dates'),
        '__new_traffic_dates__': new_dates('traffic_dates'),
        '__new_session_dates__': new_dates('session_dates'),
        '__new_order_dates__': new_dates('order_dates'),
        '__new_commerce_dates__': new_dates('commerce_dates'),
        '__new_arrivals__': new_arrivals('(load_id, source_file)'),
        '__new_files__': new_arrivals('source_file'),
    } -%}
    {%- set pairs = modules.re.compile('\\((\\w+), (\\w+)\\) in __new_arrivals__') -%}
    {%- set expanded = namespace(text=condition) -%}
    {%- if pairs.search(condition) -%}
        {%- set expanded.text = pairs.sub(in_new_arrivals('\\1', '\\2'), condition) -%}
    {%- endif -%}
    {%- if '__first_new_date__' in condition or '__last_new_date__' in condition -%}
        {%- for place_holder, bound in new_dates_bounds().items() -%}
            {%- set expanded.text = expanded.text | replace(place_holder, bound) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if '__dates_of_new_arrivals__' in condition -%}
        {%- set expanded.text = expanded.text | replace('__dates_of_new_arrivals__', dates_of_new_arrivals()) -%}
    {%- endif -%}
    {%- for place_holder, query in meanings.items() -%}
        {%- set expanded.text = expanded.text | replace(place_holder, '(' ~ query ~ ')') -%}
    {%- endfor -%}
    {%- if '__new_' in expanded.text -%}
        {{ exceptions.raise_compiler_error(
            "The condition '" ~ condition ~ "' has an unknown place holder; known are "
            ~ meanings.keys() | join(', ') ~ "."
        ) }}
    {%- endif -%}
    {{ return(expanded.text) }}
{%- endmacro %}
