-- How things are written in the log.
create macro time_text(ms) as strftime(epoch_ms(ms), '%Y-%m-%dT%H:%M:%S.%gZ');
create macro second_text(second) as strftime(epoch_ms(second * 1000), '%Y-%m-%dT%H:%M:%SZ');
create macro hex_digits(thing, salt) as
    -- The highest bit is set, so there are always sixteen digits.
    lower(hex(mix(thing, salt) | cast(9223372036854775808 as ubigint)));

create macro session_text(session_no) as hex_digits(session_no, 70);

-- Looks like a UUID; faster than making one.
create macro event_text(event_no) as
    concat(
        left(hex_digits(event_no, 71), 8), '-', substr(hex_digits(event_no, 71), 9, 4), '-',
        right(hex_digits(event_no, 71), 4), '-', left(hex_digits(event_no, 72), 4), '-',
        right(hex_digits(event_no, 72), 12)
    );

create macro ip_text(session_no) as
    if(
        pick(session_no, 72, 10) = 0,
        concat(
            '2001:db8:', lower(hex(pick(session_no, 73, 65536))),
            '::', lower(hex(pick(session_no, 74, 65536)))
        ),
        concat(
            '10.', pick(session_no, 73, 256),
            '.', pick(session_no, 74, 256),
            '.', 1 + pick(session_no, 75, 254)
        )
    );

create macro landing(session_no) as pick_from(getvariable('landings'), session_no, 76);

create macro landing_query(session_no) as
    concat(
        landing(session_no).query,
        if(
            ends_with(landing(session_no).query, 'gclid='),
            concat('Cj0K', hex(mix(session_no, 77))),
            ''
        )
    );

-- By kind: not on a search, in the cart or in the checkout.
create macro can_be_landed_on(page) as
    [true, true, true, false, true, false, false, false, true][page_kind(page)];

-- The page as it stands between the quotation marks of a JSON string. Content pages come in two
-- spellings of the same text: UTF-8, or \u escapes.
create macro page_json(page, spelling) as
    case page_kind(page)
        when 1 then '/'
        when 2 then concat('/category/', page_number(page))
        when 3 then concat('/product/', page_number(page))
        when 4 then concat('/search?q=', getvariable('search_urls')[1 + page_number(page)])
        when 5 then if(
            spelling % 2 = 0,
            getvariable('content_json')[1 + page_number(page)],
            getvariable('content_json_ascii')[1 + page_number(page)]
        )
        when 6 then '/cart'
        when 7 then '/checkout'
        when 8 then '/checkout/complete'
        else getvariable('invalid_product_pages')[1 + page_number(page)]
    end;

-- The page as the truth names it: decoded, without query string.
create macro page_path(page) as
    case page_kind(page)
        when 4 then '/search'
        when 5 then getvariable('content_paths')[1 + page_number(page)]
        else page_json(page, 0)
    end;

create macro page_title(page) as
    case page_kind(page)
        when 1 then 'Home'
        when 2 then concat('Category ', page_number(page))
        when 3 then concat('Product ', page_number(page))
        when 4 then concat('Search \"', getvariable('search_json')[1 + page_number(page)], '\"')
        when 5 then getvariable('content_json')[1 + page_number(page)]
        when 6 then 'Your cart'
        when 7 then 'Checkout'
        when 8 then 'Thank you'
        else 'Not found'
    end;

create macro cart_item_json(session_no, item_no) as
    concat(
        '{"product_id":"', item_product(session_no, item_no),
        '","quantity":', item_quantity(session_no, item_no),
        ',"price":', money(product_price_cents(item_product(session_no, item_no))), '}'
    );

create macro cart_json(session_no, item_count) as
    concat(
        cart_item_json(session_no, 0),
        if(item_count >= 2, concat(',', cart_item_json(session_no, 1)), ''),
        if(item_count >= 3, concat(',', cart_item_json(session_no, 2)), '')
    );

create macro item_cents(session_no, item_no) as
    item_quantity(session_no, item_no) * product_price_cents(item_product(session_no, item_no));

create macro cart_cents(session_no, item_count) as
    item_cents(session_no, 0)
    + if(item_count >= 2, item_cents(session_no, 1), 0)
    + if(item_count >= 3, item_cents(session_no, 2), 0);

-- A field that may be missing, in three ways: no such key, null, empty.
create macro missing_field(name, variant) as
    case variant % 3
        when 0 then ''
        when 1 then concat('"', name, '":null,')
        else concat('"', name, '":"",')
    end;

create macro text_field(name, content) as concat('"', name, '":"', content, '",');

create macro invalid_timestamp(variant) as
    case variant % 6
        when 0 then text_field('timestamp', 'yesterday')
        when 1 then text_field('timestamp', '2026-13-40T25:61:00.000Z')
        when 2 then text_field('timestamp', '2026-02-30T10:00:00.000Z')
        else missing_field('timestamp', variant)
    end;

create macro line_end(hour_no) as getvariable('line_ends')[1 + hour_no % 24];

create macro malformed(line, variant, hour_no) as
    case variant % 4
        when 0 then replace(line, '"session_id":', '"session_id"')
        when 1 then concat('{', line)
        when 2
            then concat('upstream timed out, request ', variant, line_end(hour_no))
        else replace(line, '"action":"', '"action":""')
    end;
