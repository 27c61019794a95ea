{#- Every code in a list of reasons is explained in the seed reject_reasons, and a list is never empty. One result row per unknown code. -#}
{% test accepted_reasons(model, column_name) %}

with reasons as (
    select unnest(case when len({{ column_name }}) > 0 then {{ column_name }} else ['(empty list)'] end) as reason
    from {{ model }}
    where {{ column_name }} is not null
),

validation_errors as (
    select reason, count(*) as row_count
    from reasons
    where reason is null or reason not in (select reject_reasons.reason from {{ ref('reject_reasons') }} as reject_reasons)
    group by reason
)

select * from validation_errors

{% endtest %}
