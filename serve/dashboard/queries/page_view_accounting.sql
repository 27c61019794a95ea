-- Where all page views went; unaccounted_count is 0 or something is wrong.

select
    coalesce(cast(sum(page_view_count) as bigint), 0) as page_view_count,
    coalesce(cast(sum(product_view_count) as bigint), 0) as product_view_count,
    coalesce(cast(sum(other_page_view_count) as bigint), 0) as other_page_view_count,
    coalesce(cast(sum(unknown_product_view_count) as bigint), 0) as unknown_product_view_count,
    coalesce(cast(sum(bot_view_count) as bigint), 0) as bot_view_count,
    coalesce(cast(sum(page_view_count - product_view_count - other_page_view_count
        - unknown_product_view_count - bot_view_count) as bigint), 0) as unaccounted_count
from operations.page_view_accounting
