{#- The product id as it stands in a page path (text, may be malformed); null when the page is no product page. -#}
{% macro product_id_from_path(page_path) -%}
    nullif(regexp_extract({{ page_path }}, '{{ var("product_page_pattern") }}', 1), '')
{%- endmacro %}

{#- A syntactically valid product id: 1 to 18 digits; anything else is null and never becomes a product. -#}
{% macro valid_product_id(product_id_text) -%}
    case
        when regexp_full_match({{ product_id_text }}, '[0-9]{1,18}') then try_cast({{ product_id_text }} as bigint)
    end
{%- endmacro %}
