-- Numbers that look random and are a function of (seed, thing, salt): nothing depends on threads or
-- on order.
create macro mix(thing, salt) as
    hash(xor(cast(thing as ubigint) + (cast(salt as ubigint) << 40), getvariable('seed_base')));

create macro pick(thing, salt, choices) as
    cast(mix(thing, salt) % cast(choices as ubigint) as bigint);

create macro uniform(thing, salt) as
    cast(mix(thing, salt) >> 11 as double) / 9007199254740992.0;

create macro pick_from(choices, thing, salt) as
    choices[1 + pick(thing, salt, len(choices))];

-- A position in a block, each taken once: `stride` has no divisor in common with `block`.
create macro place_in_block(thing, block, stride, salt) as
    ((thing % block) * stride + pick(thing // block, salt, block)) % block;

-- Catalogue.
-- Popularity falls steeply: a hundredth of the products gets a fifth of the views.
create macro popular_product(thing, salt) as
    getvariable('first_product_id')
    + (
        cast(floor(getvariable('product_count') * pow(uniform(thing, salt), 3)) as bigint) * 2741
        + 17
    ) % getvariable('product_count');

create macro popular_category(thing) as
    1 + cast(floor(getvariable('category_count') * pow(uniform(thing, 52), 2)) as bigint);

create macro product_price_cents(product_id) as
    100 * (1 + pick(product_id, 40, 180)) + [0, 50, 90, 95, 99][1 + pick(product_id, 41, 5)];

create macro money(cents) as
    cast(cast(cents as decimal(16, 0)) * cast(0.01 as decimal(3, 2)) as varchar);

create macro unknown_product(thing) as 99000000 + pick(thing, 42, 40);

-- Items of a session that fills a cart
create macro item_product(session_no, item_no) as popular_product(session_no * 64 + item_no, 43);

create macro item_quantity(session_no, item_no) as
    [1, 1, 1, 1, 2, 2, 3, 5][1 + pick(session_no * 64 + item_no, 44, 8)];

-- Pages are one number: kind * 10^8 + number within the kind. The kinds are 1 home, 2 category,
-- 3 product, 4 search, 5 content, 6 cart, 7 checkout, 8 confirmation, 9 invalid product.
create macro page(kind, number) as cast(kind as bigint) * 100000000 + number;
create macro page_kind(page) as page // 100000000;
create macro page_number(page) as page % 100000000;

create macro browse_page(session_no, step, trait) as
    case
        when step = 0 and trait = 'unknown_product' then page(3, unknown_product(session_no))
        when step = 0 and trait = 'invalid_product'
            then page(9, pick(session_no, 50, len(getvariable('invalid_product_pages'))))
        when uniform(session_no * 64 + step, 51) < 0.10 then page(1, 0)
        when uniform(session_no * 64 + step, 51) < 0.33
            then page(2, popular_category(session_no * 64 + step))
        when uniform(session_no * 64 + step, 51) < 0.94
            then page(3, popular_product(session_no * 64 + step, 53))
        else page(5, pick(session_no * 64 + step, 54, len(getvariable('content_paths'))))
    end;

create macro search_page(session_no, step) as
    page(4, pick(session_no * 64 + step, 55, len(getvariable('search_terms'))));

-- Browsing: people click or search only on odd steps, so the step before is always a page view.
create macro browse_action(session_no, step, is_bot) as
    case
        when is_bot or step % 2 = 0 then 'page_view'
        when uniform(session_no * 64 + step, 56) < 0.26 then 'click'
        when uniform(session_no * 64 + step, 56) < 0.39 then 'search'
        else 'page_view'
    end;

-- Buying: for each item its product page and add_to_cart; then cart, checkout, purchase and
-- confirmation.
create macro session_action(session_no, step, browse_count, item_count, is_bot) as
    case
        when step < browse_count then browse_action(session_no, step, is_bot)
        when step - browse_count < 2 * item_count
            then if((step - browse_count) % 2 = 0, 'page_view', 'add_to_cart')
        else ['page_view', 'begin_checkout', 'page_view', 'purchase', 'page_view'][
            1 + step - browse_count - 2 * item_count
        ]
    end;

create macro session_page(session_no, step, browse_count, item_count, is_bot, trait) as
    case
        when step < browse_count then
            case
                when browse_action(session_no, step, is_bot) = 'search'
                    then search_page(session_no, step)
                when step >= 1 and browse_action(session_no, step - 1, is_bot) = 'search'
                    then search_page(session_no, step - 1)
                when browse_action(session_no, step, is_bot) = 'click' then
                    case
                        when step >= 2 and browse_action(session_no, step - 2, is_bot) = 'search'
                            then search_page(session_no, step - 2)
                        else browse_page(session_no, step - 1, trait)
                    end
                else browse_page(session_no, step, trait)
            end
        when step - browse_count < 2 * item_count
            then page(3, item_product(session_no, (step - browse_count) // 2))
        when step - browse_count - 2 * item_count <= 1 then page(6, 0)
        when step - browse_count - 2 * item_count <= 3 then page(7, 0)
        else page(8, 0)
    end;
