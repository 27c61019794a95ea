{#- Every code in a list of reasons is explained in the seed reject_reasons, and a list is never
    empty. One result row per unknown code, with the number of rows that have it. -#}
{% test accepted_reasons(model, column_name) %}

with reasons as (
    select
        unnest(
            case when len({{ column_name }}) > 0 then {{ column_name }} else ['(empty list)'] end
        ) as reason
    from {{ model }}
    where {{ column_name }} is not null
),

validation_errors as (
    select
        reasons.reason,
        count(*) as row_count
    from reasons
    left join {{ ref('reject_reasons') }} as reject_reasons
        on reasons.reason = reject_reasons.reason
    where reject_reasons.reason is null
    group by reasons.reason
)

select * from validation_errors

{% endtest %}
