-- Where a landing comes from, as a person would say who looks at its query string and referrer.
create macro landed_from(query, referrer) as
    case
        when contains(query, 'utm_source=newsletter')
            then {'channel_group': 'Email', 'source': 'newsletter', 'medium': 'email'}
        when contains(query, 'utm_source=facebook')
            then {'channel_group': 'Paid Social', 'source': 'facebook', 'medium': 'paid_social'}
        when contains(query, 'utm_source=partner')
            then {'channel_group': 'Affiliates', 'source': 'partner', 'medium': 'affiliate'}
        when contains(query, 'gclid=')
            then {'channel_group': 'Paid Search', 'source': 'google', 'medium': 'cpc'}
        when contains(referrer, 'google')
            then {'channel_group': 'Organic Search', 'source': 'google', 'medium': 'organic'}
        when contains(referrer, 'bing')
            then {'channel_group': 'Organic Search', 'source': 'bing', 'medium': 'organic'}
        when contains(referrer, 'duckduckgo')
            then {'channel_group': 'Organic Search', 'source': 'duckduckgo', 'medium': 'organic'}
        when contains(referrer, 'instagram')
            then {'channel_group': 'Organic Social', 'source': 'instagram', 'medium': 'referral'}
        when contains(referrer, 'facebook')
            then {'channel_group': 'Organic Social', 'source': 'facebook', 'medium': 'referral'}
        when contains(referrer, 'chatgpt')
            then {'channel_group': 'AI Assistant', 'source': 'chatgpt', 'medium': 'referral'}
        when contains(referrer, 'deals.example')
            then {'channel_group': 'Referral', 'source': 'deals.example', 'medium': 'referral'}
        else {'channel_group': 'Direct', 'source': '(direct)', 'medium': '(none)'}
    end;

-- The first of some moments that is later than another; null when there is none.
create macro first_after(moments, moment) as
    list_sort(list_filter(moments, lambda later: later > moment))[1];

-- Whether a page is that of a product, be its id well-formed or not; `/product/` names none.
create macro shows_product(page) as
    page_kind(page) = 3 or (page_kind(page) = 9 and page_path(page) != '/product/');

-- What a person came on, as one reads it in the user agent of the session.
create macro device_of(user_agent) as
    case
        when contains(user_agent, 'Android')
            then {'device_type': 'mobile', 'os': 'Android', 'browser': 'Chrome Mobile'}
        when contains(user_agent, 'iPhone')
            then {'device_type': 'mobile', 'os': 'iOS', 'browser': 'Mobile Safari'}
        else {
            'device_type': 'desktop',
            'os': case
                when contains(user_agent, 'Windows') then 'Windows'
                when contains(user_agent, 'Macintosh') then 'Mac OS X'
                else 'Linux'
            end,
            'browser': case
                when contains(user_agent, 'Firefox/') then 'Firefox'
                when contains(user_agent, 'Edg/') then 'Edge'
                when contains(user_agent, 'Chrome/') then 'Chrome'
                else 'Safari'
            end
        }
    end;

-- What a crawler calls itself in its user agent, and what it is for.
create macro bot_of(user_agent) as
    case
        when contains(user_agent, 'Googlebot') then {'name': 'Googlebot', 'category': 'search'}
        when contains(user_agent, 'bingbot') then {'name': 'Bingbot', 'category': 'search'}
        when contains(user_agent, 'YandexBot') then {'name': 'YandexBot', 'category': 'search'}
        when contains(user_agent, 'GPTBot') then {'name': 'GPTBot', 'category': 'ai_agent'}
        when contains(user_agent, 'ClaudeBot') then {'name': 'ClaudeBot', 'category': 'ai_agent'}
        when contains(user_agent, 'PerplexityBot')
            then {'name': 'PerplexityBot', 'category': 'ai_agent'}
        when contains(user_agent, 'AhrefsBot') then {'name': 'AhrefsBot', 'category': 'seo'}
        when contains(user_agent, 'SemrushBot') then {'name': 'SemrushBot', 'category': 'seo'}
        when contains(user_agent, 'facebookexternalhit')
            then {'name': 'facebookexternalhit', 'category': 'preview'}
    end;

-- The categories of a product from the top down, as the catalogue is written: products of 64 leaves,
-- four of them under each of 16, four of these under each of 4. Who is not in it has none.
create macro branch_of(product_id) as
    if(
        product_id >= getvariable('first_product_id')
        and product_id < getvariable('first_product_id') + getvariable('product_count')
        and product_id != getvariable('broken_product_id'),
        [
            cast(1 + product_id * 31 % 64 // 16 as varchar),
            cast(5 + product_id * 31 % 64 // 4 as varchar),
            cast(21 + product_id * 31 % 64 as varchar)
        ],
        ['unknown']
    );
