"""The examples of docs/exports.md, run as they stand, give the rows of the warehouse.

Spark is 470 MB and needs Java, so it is no dependency of the project: its example runs where pyspark is
installed (docs/exports.md has the command), and is skipped, with that reason, where it is not.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from published_support import query

from clickstream.settings import PROJECT, Home

TEXT = (PROJECT / "docs" / "exports.md").read_text(encoding="utf-8")
EXAMPLES = [
    (section.splitlines()[0], code)
    for section in TEXT.split("\n## ")[1:]
    for code in re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
]
NAMES = [f"{title}-{number}" for number, (title, _) in enumerate(EXAMPLES)]


@pytest.mark.parametrize(("title", "code"), EXAMPLES, ids=NAMES)
def test_the_example_reads_the_rows_of_the_warehouse(
    title: str, code: str, published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    if title == "Spark" and importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: docs/exports.md says how to run this example")
    monkeypatch.chdir(published.root)
    names: dict[str, Any] = {}
    exec(compile(code, f"docs/exports.md: {title}", "exec"), names)  # noqa: S102
    expected = query(
        published.warehouse,
        """select view_date, product_id, view_count
        from marts.daily_product_page_views where view_date >= date '2026-01-12' order by all""",
    )
    assert len(expected) > 1_000
    assert sorted(names["views"]) == expected
    assert isinstance(names["views"][0][0], date)


def test_there_is_an_example_for_each_tool() -> None:
    assert [title for title, _ in EXAMPLES] == [
        "DuckDB",
        "DuckDB",
        "pandas",
        "polars",
        "Apache Arrow",
        "Spark",
    ]


def test_every_published_file_is_in_the_manifest_and_readable_by_all(published: Home) -> None:
    import pandas as pd  # type: ignore[import-untyped]
    import polars as pl
    import pyarrow.parquet as pq

    folder = published.published.resolve()
    manifest = json.loads((folder / "manifest.json").read_text())
    stated = {part["path"]: part for table in manifest["tables"] for part in table["partitions"]}
    assert set(stated) == {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    for table in manifest["tables"]:
        if not table["partitions"]:  # A table by date without rows has no folder.
            assert table["rows"] == 0
            continue
        part = max(table["partitions"], key=lambda held: held["rows"])
        file: Path = folder / part["path"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == part["sha256"]
        columns = [column["name"] for column in table["columns"] if column["name"] != table["partitioned_by"]]
        read = pq.read_table(file, partitioning=None)
        assert (read.num_rows, read.column_names) == (part["rows"], columns)
        assert pl.read_parquet(file).shape == read.shape
        assert pd.read_parquet(file, partitioning=None).shape == read.shape
