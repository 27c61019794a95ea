-- The sums that hold everything else together.
-- Grain: one row per metric.
create table totals as
with
facts as (
    select
        (select count(*) from lines_per_file) as file_count,
        (select sum(line_count) from lines_per_file) as line_count,
        (select sum(blank_count) from lines_per_file) as blank_count,
        (select sum(event_count) from lines_per_file) as event_count,
        (select sum(duplicate_count) from lines_per_file) as duplicate_count,
        (select sum(quarantined_count) from lines_per_file) as quarantined_count,
        (select sum(event_count) from late_events) as late_event_count,
        (select count(*) from sessions_truth) as session_count,
        (select count(*) from sessions_truth where is_bot) as bot_session_count,
        (select sum(event_count) from sessions_truth where is_bot) as bot_event_count,
        (select count(*) from kept where visitor < 0) as missing_user_id_count,
        (select sum(page_view_count) from sessions_truth) as page_view_count,
        (select sum(page_view_count) from sessions_truth where is_bot) as bot_page_view_count,
        (select sum(view_count) from daily_product_page_views) as product_view_count,
        (select sum(view_count) from daily_product_page_views where not is_in_catalogue)
            as unknown_product_view_count,
        (select count(*) from kept_views where page_kind(page) = 9) as invalid_product_view_count,
        (select count(*) from kept_views where page_kind(page) != 3) as other_page_view_count,
        (select count(*) from order_versions) as order_version_count,
        (select sum(order_count) from daily_orders) as order_count,
        (select sum(unit_count) from daily_orders) as unit_count,
        (select sum(cast(revenue as decimal(18, 2))) from daily_orders) as revenue,
        (select count(*) from rejected_order_items) as rejected_order_item_count,
        (select count(*) from catalogue_products) as product_count,
        1 as rejected_product_count,
        getvariable('user_count') as user_count,
),
as_text as (
    select cast(columns(*) as varchar)
    from facts
)
unpivot as_text on columns(*) into name metric value value;
