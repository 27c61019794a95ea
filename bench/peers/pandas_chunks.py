"""pandas, in chunks: keeps the distinct (date, product, event) and counts them at the end."""

import sys
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]  # no stubs

PRODUCT = r"^/product/([0-9]{1,18})(?:[?#].*)?$"
CHUNK_LINES = 200_000

logs = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
parts = []
for log in logs:
    for chunk in pd.read_json(
        log, lines=True, chunksize=CHUNK_LINES, dtype=False, convert_dates=False, convert_axes=False
    ):
        views = chunk.loc[chunk["action"] == "page_view", ["event_id", "timestamp", "page"]]
        views = views[views["event_id"].notna() & (views["event_id"] != "")]
        product = views["page"].str.extract(PRODUCT, expand=False)
        at = pd.to_datetime(views["timestamp"], format="%Y-%m-%dT%H:%M:%S.%fZ", errors="coerce", utc=True)
        kept = pd.DataFrame({"view_date": at.dt.date, "product_id": product, "event_id": views["event_id"]})
        parts.append(kept.dropna())
events = pd.concat(parts).drop_duplicates()
events["product_id"] = events["product_id"].astype("int64")
counts = events.groupby(["view_date", "product_id"]).size().rename("view_count").reset_index()
counts.to_parquet(sys.argv[2], index=False)
