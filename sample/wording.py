"""The words of the sample: user agents, search terms, pages and landings."""

from __future__ import annotations

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

HUMAN_AGENTS = [
    *(
        f"Mozilla/5.0 ({system}) {_WEBKIT} Chrome/{version}.0.0.0 Safari/537.36{suffix}"
        for system in (
            "Windows NT 10.0; Win64; x64",
            "Macintosh; Intel Mac OS X 10_15_7",
            "X11; Linux x86_64",
        )
        for version in (139, 141, 142)
        for suffix in ("", f" Edg/{version}.0.0.0")
    ),
    *(
        f"Mozilla/5.0 (Linux; Android {android}; {device}) {_WEBKIT} "
        f"Chrome/{version}.0.0.0 Mobile Safari/537.36"
        for android, device in ((13, "SM-A546B"), (14, "Pixel 8"), (15, "SM-S928B"), (12, "CUBOT X30"))
        for version in (140, 142)
    ),
    *(
        f"Mozilla/5.0 (iPhone; CPU iPhone OS {major}_{minor} like Mac OS X) {_IPHONE} "
        f"Version/{major}.{minor} Mobile/15E148 Safari/604.1"
        for major, minor in ((17, 6), (18, 1), (18, 5), (26, 0))
    ),
    *(
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0"
        for v in (140, 143)
    ),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_IPHONE} Version/18.5 Safari/605.1.15",
]
"""Browsers. CUBOT is a telephone, not a bot."""

BOT_AGENTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    f"Mozilla/5.0 {_WEBKIT}; compatible; GPTBot/1.2; +https://openai.com/gptbot",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    f"Mozilla/5.0 {_WEBKIT}; compatible; ClaudeBot/1.0; +claudebot@anthropic.com",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    f"Mozilla/5.0 {_WEBKIT} (compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) "
    f"{_WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
]
"""Crawlers: every event with one of these user agents is a bot's."""

SEARCH_TERMS = [
    "lamp",
    "desk lamp",
    "chair",
    "office chair",
    "rug 200x300",
    "shelf",
    "curtain",
    "kettle",
    "mug",
    "cushion",
    "mirror",
    "plant pot",
    "café table",
    'monitor arm 27"',
    "Küchenuhr",
    "50% off",
    "salt & pepper",
    "c:\\fakepath",
    "枕",
    "o'clock",
]
"""What people type, quotation marks and all."""

CONTENT_PAGES = [
    "/about",
    "/shipping",
    "/returns",
    "/blog/2026/spring",
    "/guide/größen",
    "/guide/crème-brûlée",
    '/guide/27"-screens',
    "/guide/back\\slash",
    "/ガイド/枕",
]
"""Pages that are neither product nor category."""

INVALID_PRODUCT_PAGES = [
    "/product/abc",
    "/product/12x",
    "/product/",
    "/product/null",
    "/product/-5",
    "/product/1.5",
]
"""Look like product pages and have no product id: it is not made of digits only."""

LANDINGS = [
    *[("", "")] * 9,
    ("", "https://chatgpt.com/"),
    *[("", "https://www.google.com/")] * 9,
    *[("", "https://www.bing.com/")] * 2,
    ("", "https://duckduckgo.com/"),
    ("", "https://www.instagram.com/"),
    *[("?utm_source=newsletter&utm_medium=email&utm_campaign=spring_2026", "")] * 2,
    ("?utm_source=facebook&utm_medium=paid_social&utm_campaign=new%20living", "https://m.facebook.com/"),
    ("?utm_source=partner&utm_medium=affiliate&ref=42", "https://deals.example/lamps?page=2"),
    *[("?utm_source=google&utm_medium=cpc&gclid=", "https://www.google.com/")] * 2,
    ("?gclid=", "https://www.google.com/"),
]
"""How a session begins: query string of the first page (a click id is added to gclid=), and referrer."""

CLICK_ELEMENTS = ["gallery", "size-guide", "reviews", "filter", "sort", "next-page", "menu", "delivery-info"]
LANGUAGES = ["en-GB", "en-GB", "de-DE", "de-DE", "fr-FR", "nl-NL", "pl-PL"]
VIEWPORTS = ["1920x1080", "1536x864", "390x844", "412x915", "2560x1440"]
