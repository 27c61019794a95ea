"""The published DuckDB file, when only its changed partitions are replaced."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fake_warehouse import create, execute, manifest

from clickstream.errors import UserError
from clickstream.settings import Home
from serve import database
from serve.contents import read_manifest
from serve.files import copy
from serve.publish import publish

MARTS = ("marts.categories", "marts.daily_product_page_views", "operations.event_accounting")


@pytest.fixture
def published(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A publication, after which even small files are changed in place of being written whole."""
    create(home)
    publish(home, manifest())
    monkeypatch.setattr(database, "SMALL_BYTES", 0)
    monkeypatch.setattr(database, "GROWTH_LIMIT", 100)
    return home


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which files were taken over from the previous publication."""
    made: list[str] = []

    def noted(source: Path, target: Path) -> None:
        made.append(source.name)
        copy(source, target)

    monkeypatch.setattr(database, "copy", noted)
    return made


def assert_equal_to_warehouse(home: Home, tables: tuple[str, ...] = MARTS) -> None:
    for table in tables:
        rows = [
            read(path, f"from {table} order by all")
            for path in (home.warehouse, home.published / "clickstream.duckdb")
        ]
        assert rows[0] == rows[1], table


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_changed_new_and_vanished_dates(published: Home, copies: list[str]) -> None:
    execute(
        published,
        "update marts.daily_product_page_views set view_count = 7 "
        "where view_date = '2026-01-01' and product_id < 3",
        "delete from marts.daily_product_page_views where view_date = '2026-01-02'",
        "insert into marts.daily_product_page_views "
        "values ('2026-01-07', 1, 2, 3, 4), ('2025-12-31', 1, 2, 3, 4)",
    )
    publish(published, manifest())
    assert copies == ["clickstream.duckdb"]
    assert_equal_to_warehouse(published)


def test_of_a_changed_date_only_the_rows_that_differ_are_replaced(published: Home) -> None:
    execute(
        published,
        "update marts.daily_product_page_views set view_count = 8 "
        "where view_date = '2026-01-01' and product_id = 1",
        "delete from marts.daily_product_page_views where view_date = '2026-01-01' and product_id = 2",
        "insert into marts.daily_product_page_views values ('2026-01-01', 999, 2, 3, 4)",
    )
    publish(published, manifest())
    assert_equal_to_warehouse(published)
    in_place = read(
        published.published / "clickstream.duckdb",
        "select view_date::varchar, product_id from marts.daily_product_page_views order by rowid",
    )
    assert in_place[:2] == [("2026-01-01", 0), ("2026-01-01", 3)], "the others were written anew"
    assert in_place[-2:] == [("2026-01-01", 1), ("2026-01-01", 999)]


def test_rows_without_a_key_are_replaced_by_date(published: Home) -> None:
    """Two equal rows are two: a hash of a row tells nothing of how many there are."""
    declared = manifest()
    del declared["nodes"]["model.clickstream.daily_product_page_views"]["primary_key"]
    publish(published, declared)
    execute(
        published,
        "insert into marts.daily_product_page_views from marts.daily_product_page_views "
        "where view_date = '2026-01-01' and product_id = 1",
    )
    publish(published, declared)
    assert_equal_to_warehouse(published)


def test_changed_table_without_dates(published: Home, copies: list[str]) -> None:
    execute(published, "update marts.categories set name = 'boots' where category_id = 1")
    publish(published, manifest())
    assert copies == ["clickstream.duckdb"]
    assert_equal_to_warehouse(published)


def test_emptied_table(published: Home) -> None:
    execute(published, "delete from marts.categories")
    publish(published, manifest())
    assert_equal_to_warehouse(published)


def test_changed_columns(published: Home) -> None:
    execute(
        published,
        "alter table marts.categories add column depth integer default 1",
        "alter table marts.categories alter category_id type varchar",
    )
    publish(published, manifest())
    assert_equal_to_warehouse(published)


def test_a_model_that_is_published_no_longer_goes_and_a_new_one_comes(
    published: Home, copies: list[str]
) -> None:
    execute(published, "create table marts.brands as select 1 as brand_id, 'b' as name")
    declared = manifest()
    del declared["nodes"]["model.clickstream.categories"]
    brands = {**declared["nodes"]["model.clickstream.daily_product_page_views"]}
    brands |= {"name": "brands", "alias": "brands", "primary_key": ["brand_id"], "config": {"meta": {}}}
    declared["nodes"]["model.clickstream.brands"] = brands
    publish(published, declared)
    assert copies == ["clickstream.duckdb"]
    assert_equal_to_warehouse(published, ("marts.brands", "marts.daily_product_page_views"))
    tables = read(
        published.published / "clickstream.duckdb", "select table_name from duckdb_tables() order by all"
    )
    assert ("categories",) not in tables


@pytest.fixture
def booked(published: Home) -> dict[str, Any]:
    """A manifest whose views keep a book of their dates, as record_dates does; the warehouse has the book."""
    execute(
        published,
        """create table operations.model_partitions as
        select 'daily_product_page_views' as model_name, view_date::varchar as partition_key,
            sum(hash(held)::hugeint)::varchar as content_hash, count(*) as row_count
        from marts.daily_product_page_views as held group by all""",
    )
    declared = manifest()
    declared["nodes"]["model.clickstream.daily_product_page_views"]["config"] = {
        "incremental_strategy": "by_date",
        "meta": {"publish_by": "view_date", "date_column": "view_date"},
    }
    return declared


def test_dates_that_the_book_calls_unchanged_are_not_read(published: Home, booked: dict[str, Any]) -> None:
    assert not publish(published, booked).is_new, "the book says what the rows say"
    execute(published, "update marts.daily_product_page_views set view_count = 9 where product_id = 1")
    assert not publish(published, booked).is_new


def test_rows_that_are_not_those_of_the_book_are_refused(published: Home, booked: dict[str, Any]) -> None:
    before = (published.published / "manifest.json").read_bytes()
    execute(
        published,
        "update operations.model_partitions set content_hash = '1' where partition_key = '2026-01-02'",
    )
    with pytest.raises(UserError, match=r"differs from the warehouse \(2026-01-02\)"):
        publish(published, booked)
    assert (published.published / "manifest.json").read_bytes() == before


def test_a_book_with_another_number_of_rows_is_not_trusted(published: Home, booked: dict[str, Any]) -> None:
    execute(published, "insert into marts.daily_product_page_views values ('2026-01-02', 1000, 2, 3, 4)")
    assert publish(published, booked).is_new
    assert_equal_to_warehouse(published)


def test_a_changed_description_is_the_tables_comment(published: Home) -> None:
    declared = manifest()
    declared["nodes"]["model.clickstream.categories"]["description"] = "New words."
    assert publish(published, declared).is_new
    assert read(
        published.published / "clickstream.duckdb",
        "select comment from duckdb_tables() where table_name = 'categories'",
    ) == [("New words.",)]


def test_a_tampered_file_is_written_whole_again(published: Home) -> None:
    path = published.published / "clickstream.duckdb"
    stated = published.published / "manifest.json"
    path.chmod(0o644)
    stated.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update marts.categories set name = 'hacked' where category_id = 1")
    content = json.loads(stated.read_text())
    content["database"]["bytes"] = path.stat().st_size  # The fake must not be found out by its size.
    stated.write_text(json.dumps(content))
    execute(published, "insert into marts.daily_product_page_views values ('2026-01-07', 1, 2, 3, 4)")
    publish(published, manifest())
    assert_equal_to_warehouse(published)


def test_when_most_rows_changed_the_file_is_written_whole(published: Home, copies: list[str]) -> None:
    execute(published, "update marts.daily_product_page_views set view_count = view_count + 1")
    publish(published, manifest())
    assert copies == []
    assert_equal_to_warehouse(published)


def test_a_file_that_has_grown_is_written_whole(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "GROWTH_LIMIT", 0)
    execute(published, "insert into marts.categories values (3, 'hats')")
    publish(published, manifest())
    assert_equal_to_warehouse(published)
    content = read_manifest(published.published)
    assert content is not None
    assert content["database"]["compact_bytes"] == content["database"]["bytes"]


def test_many_dates_are_written_in_portions(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CHUNK_ROWS", 150)
    published.published.unlink()
    publish(published, manifest())
    assert_equal_to_warehouse(published)


def test_many_publications_in_a_row_stay_equal(published: Home, copies: list[str]) -> None:
    for step in range(6):
        execute(
            published,
            f"update marts.daily_product_page_views set view_count = {step} "
            f"where view_date = '2026-01-0{1 + step % 3}'",
            f"insert into marts.categories values ({10 + step}, 'c')",
        )
        publish(published, manifest())
        assert_equal_to_warehouse(published)
    assert len(copies) == 6


def _refuse(*_: int) -> int:
    raise OSError("Invalid cross-device link")


@pytest.mark.parametrize("kernel", [None, _refuse, lambda *_: 0], ids=["lacks it", "refuses", "stops"])
def test_the_file_is_copied_where_the_kernel_does_not(
    published: Home, monkeypatch: pytest.MonkeyPatch, kernel: Callable[..., int] | None
) -> None:
    monkeypatch.delattr(os, "copy_file_range", raising=False)
    if kernel:
        monkeypatch.setattr(os, "copy_file_range", kernel, raising=False)
    execute(published, "update marts.categories set name = 'boots' where category_id = 1")
    old, new = published.published / "clickstream.duckdb", published.root / "copied.duckdb"
    copy(old, new)
    assert new.read_bytes() == old.read_bytes()
    publish(published, manifest())
    assert_equal_to_warehouse(published)
