"""What the marts must say of a sample: queries on the warehouse beside queries on the truth."""

from __future__ import annotations

# What the pipeline says -> what the generator knows, as queries; `{truth}` is the folder of the truth.
TRUTHS = {
    "event_accounting": (
        """select regexp_extract(source_file, 'events/.*') as source_file, line_count, blank_count,
            event_count, duplicate_count, quarantined_count
        from operations.event_accounting""",
        """select source_file, line_count, blank_count, event_count, duplicate_count, quarantined_count
        from read_csv('{truth}/lines_per_file.csv')""",
    ),
    "quarantined_events": (
        """select source_file, reason, count(*)
        from (
            select regexp_extract(source_file, 'events/.*') as source_file, unnest(reasons) as reason
            from operations.quarantined_events
        )
        group by source_file, reason""",
        "select source_file, reason, line_count from read_csv('{truth}/quarantined.csv')",
    ),
    "daily_product_page_views": (
        """select view_date, product_id, view_count, session_count, visitor_count
        from marts.daily_product_page_views where view_count > 0""",
        """select view_date, product_id, human_view_count, human_session_count, human_visitor_count
        from read_csv('{truth}/daily_product_page_views.csv') where human_view_count > 0""",
    ),
    "daily_page_views": (
        """select view_date, page_path, view_count, session_count, visitor_count, bot_view_count
        from marts.daily_page_views""",
        """select view_date, page_path, human_view_count, human_session_count, human_visitor_count,
            view_count - human_view_count
        from read_csv('{truth}/daily_page_views.csv')""",
    ),
    "hourly_page_views": (
        """select view_hour, view_count, session_count, visitor_count
        from marts.hourly_page_views where view_count > 0""",
        """select cast(view_hour as timestamp), human_view_count, human_session_count, human_visitor_count
        from read_csv('{truth}/hourly_page_views.csv') where human_view_count > 0""",
    ),
    "sessions": (
        """select session_id, first_event_at, last_event_at, event_count, page_view_count, is_bot
        from marts.sessions""",
        """select cast(session_id as varchar), cast(started_at as timestamp), cast(ended_at as timestamp),
            event_count, page_view_count, is_bot
        from read_csv('{truth}/sessions.csv', all_varchar = true)""",
    ),
    "product_daily_funnel": (
        """select activity_date, product_id, view_count, cart_count, checkout_count, purchase_count,
            unit_count, cast(revenue_amount as decimal(18, 2))
        from marts.product_daily_funnel where view_count + cart_count + purchase_count > 0""",
        """select date, product_id, human_view_count, cart_count, checkout_count, order_count, unit_count,
            cast(revenue as decimal(18, 2))
        from read_csv('{truth}/product_daily_funnel.csv')
        where human_view_count + cart_count + order_count > 0""",
    ),
    "daily_orders": (
        """select order_date, order_count, unit_count, cast(revenue_amount as decimal(18, 2))
        from marts.daily_orders""",
        """select order_date, order_count, unit_count, cast(revenue as decimal(18, 2))
        from read_csv('{truth}/daily_orders.csv')""",
    ),
    "session_visits": (
        """select session_id, session_date, landing_page, exit_page, channel_group, source, medium,
            engaged_seconds, is_bounce, order_count, cast(revenue_amount as decimal(18, 2)), is_bot
        from marts.sessions""",
        """select cast(session_id as varchar), cast(session_date as date), landing_page, exit_page,
            channel_group, source, medium, cast(engaged_seconds as bigint), cast(is_bounce as boolean),
            cast(order_count as bigint), cast(revenue as decimal(18, 2)), cast(is_bot as boolean)
        from read_csv('{truth}/session_visits.csv', all_varchar = true)""",
    ),
    "daily_channels": (
        """select session_date, channel_group, source, medium, session_count, visitor_count, view_count,
            order_count, cast(revenue_amount as decimal(18, 2))
        from marts.daily_channels""",
        """select session_date, channel_group, source, medium, session_count, visitor_count, view_count,
            order_count, cast(revenue as decimal(18, 2))
        from read_csv('{truth}/daily_channels.csv')""",
    ),
    "daily_visitors": (
        """select session_date, visitor_count, new_visitor_count, session_count
        from marts.daily_visitors""",
        """select session_date, visitor_count, new_visitor_count, session_count
        from read_csv('{truth}/daily_visitors.csv')""",
    ),
    "retention_daily": (
        "select cohort_date, day_number, visitor_count from marts.retention_daily",
        """select cohort_date, day_number, visitor_count
        from read_csv('{truth}/retention_daily.csv')""",
    ),
    "retention_weekly": (
        "select cohort_week, week_number, visitor_count from marts.retention_weekly",
        """select cohort_week, week_number, visitor_count
        from read_csv('{truth}/retention_weekly.csv')""",
    ),
    "funnel_steps_daily": (
        "select session_date, funnel_id, step_number, session_count from marts.funnel_steps_daily",
        """select session_date, funnel_id, step_number, session_count
        from read_csv('{truth}/funnel_steps_daily.csv')""",
    ),
    "daily_traffic": (
        """select traffic_date, view_count, session_count, visitor_count, engaged_seconds, bounce_count,
            product_session_count, cart_session_count, checkout_session_count, purchase_session_count,
            order_count, unit_count, cast(revenue_amount as decimal(18, 2)), bot_view_count
        from marts.daily_traffic""",
        """select traffic_date, view_count, session_count, visitor_count, engaged_seconds, bounce_count,
            product_session_count, cart_session_count, checkout_session_count, purchase_session_count,
            order_count, unit_count, cast(revenue as decimal(18, 2)), bot_view_count
        from read_csv('{truth}/daily_traffic.csv')""",
    ),
    "daily_devices": (
        """select session_date, device_type, os, browser, session_count, visitor_count, view_count,
            purchase_session_count, order_count, cast(revenue_amount as decimal(18, 2))
        from marts.daily_devices""",
        """select session_date, device_type, os, browser, session_count, visitor_count, view_count,
            purchase_session_count, order_count, cast(revenue as decimal(18, 2))
        from read_csv('{truth}/daily_devices.csv')""",
    ),
    "daily_bots": (
        """select view_date, bot_name, bot_category, session_count, event_count, bot_view_count
        from marts.daily_bots""",
        """select view_date, bot_name, bot_category, session_count, event_count, bot_view_count
        from read_csv('{truth}/daily_bots.csv')""",
    ),
    "daily_carts": (
        """select session_date, channel_group, device_type, cart_session_count, checkout_session_count,
            purchase_session_count, abandoned_cart_count, abandoned_checkout_count
        from marts.daily_carts""",
        """select session_date, channel_group, device_type, cart_session_count, checkout_session_count,
            purchase_session_count, abandoned_cart_count, abandoned_checkout_count
        from read_csv('{truth}/daily_carts.csv')""",
    ),
    "daily_purchase_delays": (
        """select session_date, session_count, delay_seconds, shortest_delay_seconds, median_delay_seconds,
            slow_delay_seconds, longest_delay_seconds
        from marts.daily_purchase_delays""",
        """select session_date, session_count, delay_seconds, shortest_delay_seconds, median_delay_seconds,
            slow_delay_seconds, longest_delay_seconds
        from read_csv('{truth}/daily_purchase_delays.csv')""",
    ),
    "daily_categories": (
        """select activity_date, category_id, view_count, cart_count, checkout_count, purchase_count,
            unit_count, cast(revenue_amount as decimal(18, 2)), bot_view_count
        from marts.daily_categories
        where view_count + cart_count + purchase_count + bot_view_count > 0""",
        """select cast(date as date), category_id, cast(view_count as bigint), cast(cart_count as bigint),
            cast(checkout_count as bigint), cast(order_count as bigint), cast(unit_count as bigint),
            cast(revenue as decimal(18, 2)), cast(bot_view_count as bigint)
        from read_csv('{truth}/daily_categories.csv', all_varchar = true)""",
    ),
    "daily_product_origins": (
        """select view_date, origin_kind, origin_name, session_count, search_count, view_count,
            click_session_count, product_view_count
        from marts.daily_product_origins""",
        """select view_date, origin_kind, origin_name, session_count, search_count, view_count,
            click_session_count, product_view_count
        from read_csv('{truth}/daily_product_origins.csv')""",
    ),
    "daily_product_pairs": (
        "select view_date, product_id, other_product_id, session_count from marts.daily_product_pairs",
        """select view_date, product_id, other_product_id, session_count
        from read_csv('{truth}/daily_product_pairs.csv')""",
    ),
    "order_reconciliation": (
        """select reconciled_date, order_id, outcome, cast(order_amount as decimal(18, 2)),
            cast(event_amount as decimal(18, 2))
        from marts.order_reconciliation""",
        """select cast(reconciled_date as date), order_id, outcome, cast(order_amount as decimal(18, 2)),
            cast(event_amount as decimal(18, 2))
        from read_csv('{truth}/order_reconciliation.csv', all_varchar = true)""",
    ),
    "daily_order_reconciliation": (
        """select reconciled_date, outcome, order_count, cast(order_amount as decimal(18, 2))
        from marts.daily_order_reconciliation""",
        """select cast(reconciled_date as date), outcome, count(*), sum(cast(order_amount as decimal(18, 2)))
        from read_csv('{truth}/order_reconciliation.csv', all_varchar = true)
        group by reconciled_date, outcome""",
    ),
    "local_daily_traffic": (
        """select local_date, view_count, session_count, visitor_count, order_count, unit_count,
            cast(revenue_amount as decimal(18, 2)), bot_view_count
        from marts.local_daily_traffic""",
        """select local_date, view_count, session_count, visitor_count, order_count, unit_count,
            cast(revenue as decimal(18, 2)), bot_view_count
        from read_csv('{truth}/local_daily_traffic.csv') where time_zone = '{time_zone}'""",
    ),
    "local_daily_product_page_views": (
        """select local_date, product_id, view_count, session_count, visitor_count, bot_view_count
        from marts.local_daily_product_page_views""",
        """select local_date, product_id, view_count, session_count, visitor_count, bot_view_count
        from read_csv('{truth}/local_daily_product_page_views.csv') where time_zone = '{time_zone}'""",
    ),
    "daily_attribution": (
        """select session_date, attribution_model, channel_group, source, medium, session_count, order_count,
            cast(revenue_amount as decimal(18, 2))
        from marts.daily_attribution""",
        """select session_date, attribution_model, channel_group, source, medium, session_count, order_count,
            cast(revenue as decimal(18, 2))
        from read_csv('{truth}/daily_attribution.csv')""",
    ),
    "visitors": (
        """select visitor_id, first_session_date, last_session_date, session_count, page_view_count,
            order_count, cast(revenue_amount as decimal(18, 2)), first_channel_group,
            first_purchase_after_seconds
        from marts.visitors""",
        """select visitor_id, cast(first_session_date as date), cast(last_session_date as date),
            cast(session_count as bigint), cast(page_view_count as bigint), cast(order_count as bigint),
            cast(revenue as decimal(18, 2)), first_channel_group,
            cast(first_purchase_after_seconds as bigint)
        from read_csv('{truth}/visitors.csv', all_varchar = true)""",
    ),
}
