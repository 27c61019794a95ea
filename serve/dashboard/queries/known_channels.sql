-- The channels that may be chosen.

select distinct channel_group
from marts.daily_channels
order by channel_group
