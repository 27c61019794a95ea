-- The categories that may be chosen, each with its path from the top.

select
    category_id,
    category_path
from marts.categories
order by category_path, category_id
