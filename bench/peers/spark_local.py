"""PySpark, local[2]; session start included, as anybody pays it who runs a job from cron."""

import sys
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

PRODUCT = r"^/product/([0-9]{1,18})(?:[?#].*)?$"

logs = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.driver.memory", "2g")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "4")
    .getOrCreate()
)
lines = spark.read.schema("event_id string, timestamp string, action string, page string").json(logs)
(
    lines.where("action = 'page_view' and event_id <> ''")
    .select(
        f.expr("try_cast(timestamp as timestamp)").cast("date").alias("view_date"),
        f.regexp_extract("page", PRODUCT, 1).alias("product"),
        "event_id",
    )
    .where("view_date is not null and product <> ''")
    .groupBy("view_date", f.col("product").cast("long").alias("product_id"))
    .agg(f.countDistinct("event_id").alias("view_count"))
    .coalesce(1)
    .write.parquet(sys.argv[2])
)
spark.stop()
