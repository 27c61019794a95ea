{#- Runs its caller, the statement that creates a model's relation, in one transaction with the drop of the one that is held and with the
    model's hooks. -#}
{% macro put_in_place(target_relation) -%}
    {%- set create_statement = caller -%}
    {%- set held_relation = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- call statement('main') -%}
        {%- if held_relation %}
        drop {{ held_relation.type }} {{ held_relation }};
        {%- endif %}
        {{ create_statement() }}
    {%- endcall -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
{%- endmacro %}
