-- The log lines with their line ends. No join here, and no long IN, which becomes
-- one: the lines would come out of order.
-- Grain: one row per line of `lines`, in its order; a blob because some lines are not UTF-8.
create view rendered as
with
properties as (
    select
        *,
        rowid as position,
        case action
            when 'page_view' then concat(
                '"title":"', page_title(page), '","load_ms":', 80 + pick(event_no, 80, 2500),
                ',"scroll_ratio":', pick(event_no, 81, 100) / 100.0
            )
            when 'click' then concat(
                '"element":"', pick_from(getvariable('click_elements'), event_no, 82), '","x":',
                pick(event_no, 83, 1400), ',"y":', pick(event_no, 84, 4000), ',"is_primary":true'
            )
            when 'search' then concat(
                '"query":"', getvariable('search_json')[1 + page_number(page)], '","result_count":',
                pick(page, 85, 180), ',"filters":["in_stock"]'
            )
            when 'add_to_cart' then concat(
                '"product_id":"', page_number(page), '","quantity":', detail, ',"price":',
                money(product_price_cents(page_number(page))), ',"currency":"EUR"'
            )
            when 'begin_checkout' then concat(
                '"cart":[', cart_json(session_no, detail),
                '],"value":', money(cart_cents(session_no, detail)), ',"currency":"EUR"'
            )
            else concat(
                '"order_id":"', getvariable('first_order_id') + detail,
                '","revenue":', money(total_cents), ',"currency":"EUR"'
            )
        end as properties_json,
    from lines
),
whole as (
    select
        hour_no,
        position,
        event_no,
        event_trait,
        outcome,
        concat(
            '{',
            if(outcome = 'missing_event_id', missing_field('event_id', event_no),
                text_field('event_id', event_text(event_no))),
            if(outcome = 'invalid_timestamp', invalid_timestamp(event_no),
                text_field('timestamp', time_text(line_ms))),
            if(user_no = 0, missing_field('user_id', event_no),
                text_field('user_id', getvariable('first_user_id') + user_no)),
            '"session_id":"', session_text(session_no),
            '","action":"', action, '",',
            if(outcome = 'missing_page', missing_field('page', event_no),
                text_field('page', concat(
                    page_json(page, event_no),
                    if(step = 0 and not is_bot and can_be_landed_on(page),
                        landing_query(session_no), '')
                ))),
            '"referrer":"', case
                when step > 0
                    then concat('https://shop.example', page_json(previous_page, event_no))
                when is_bot then ''
                else landing(session_no).referrer
            end,
            '","user_agent":"', if(
                is_bot,
                pick_from(getvariable('bot_agents'), session_no, 78),
                pick_from(getvariable('human_agents'), session_no, 78)
            ),
            '","ip":"', ip_text(session_no), '",',
            -- The tracker was changed at midnight after the first day.
            if(line_ms >= getvariable('second_day_ms'),
                concat('"ab_variant":"', ['A', 'B'][1 + pick(session_no, 79, 2)], '",'), ''),
            '"properties":{', properties_json,
            ',"language":"', pick_from(getvariable('languages'), session_no, 86),
            '","viewport":"', pick_from(getvariable('viewports'), session_no, 87),
            '"}}',
            line_end(hour_no)
        ) as line,
    from properties
)
select
    hour_no,
    position,
    case
        when event_trait = 'invalid_utf8' then
            encode(left(line, instr(line, '"user_agent":"') + 13))
            || if(event_no % 2 = 0, '\xC3\x28'::blob, '\xFF'::blob)
            || encode(substr(line, instr(line, '"user_agent":"') + 14))
        else encode(case
            when event_trait = 'truncated_line'
                then concat(
                    left(line, 20 + pick(event_no, 89, length(line) - 24)), line_end(hour_no)
                )
            when event_trait = 'malformed_json' then malformed(line, event_no, hour_no)
            when outcome = 'blank' then concat(if(event_no % 3 = 0, '  ', ''), line_end(hour_no))
            else line
        end)
    end as line,
from whole;
