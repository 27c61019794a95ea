"""What a publication holds, and that it equals the warehouse."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fake_warehouse import LOADED_AT, add_build, create, execute, manifest

from clickstream.errors import UserError
from clickstream.settings import Home
from serve.parquet import write_parquet
from serve.publish import KEPT_PUBLICATIONS, publish

NEXT_DAY = (
    "insert into marts.daily_product_page_views values ('2026-01-04', 1, 5, 1, 1)",
    "update marts.daily_product_page_views set view_count = 99 "
    "where view_date = '2026-01-02' and product_id = 3",
)


@pytest.fixture
def built(home: Home) -> Home:
    create(home)
    return home


def contents(home: Home) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((home.published / "manifest.json").read_text())
    return loaded


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def files(home: Home) -> dict[str, Path]:
    root = home.published.resolve()
    return {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}


def test_database_and_parquet_hold_the_rows_of_the_warehouse(built: Home) -> None:
    publish(built, manifest())
    query = "select view_date, product_id, view_count, session_count, visitor_count from {} order by 1, 2"
    warehouse = read(built.warehouse, query.format("marts.daily_product_page_views"))
    assert len(warehouse) == 300
    assert (
        read(built.published / "clickstream.duckdb", query.format("marts.daily_product_page_views"))
        == warehouse
    )
    pattern = f"read_parquet('{built.published}/parquet/daily_product_page_views/*/*.parquet')"
    assert duckdb.execute(query.format(pattern)).fetchall() == warehouse


def test_only_published_models_go_out(built: Home) -> None:
    publish(built, manifest())
    tables = read(
        built.published / "clickstream.duckdb",
        "select schema_name, table_name from duckdb_tables() order by all",
    )
    assert tables == [
        ("marts", "categories"),
        ("marts", "daily_product_page_views"),
        ("operations", "event_accounting"),
    ]
    assert set(files(built)) == {
        "clickstream.duckdb",
        "manifest.json",
        "parquet/categories/part-0.parquet",
        "parquet/operations.event_accounting/part-0.parquet",
        *(f"parquet/daily_product_page_views/view_date=2026-01-0{day}/part-0.parquet" for day in (1, 2, 3)),
    }


def test_descriptions_are_comments(built: Home) -> None:
    publish(built, manifest())
    found = read(
        built.published / "clickstream.duckdb",
        "select comment from duckdb_tables() where table_name = 'categories'",
    )
    assert found == [("What categories holds; it's for people.",)]


def test_manifest_states_the_files_as_they_are(built: Home) -> None:
    publish(built, manifest())
    content = contents(built)
    assert content["build"]["invocation_id"] == "build-1"
    assert content["loads"] == {"clickstream": {"load_count": 1, "last_load_id": "1767488400.1"}}
    stated = {part["path"]: part for table in content["tables"] for part in table["partitions"]}
    stated[content["database"]["path"]] = content["database"]
    for name, path in files(built).items():
        if name != "manifest.json":
            assert stated[name]["bytes"] == path.stat().st_size
            assert stated[name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    tables = {table["name"]: table for table in content["tables"]}
    assert tables["marts.categories"]["primary_key"] == ["category_id"]
    views = tables["marts.daily_product_page_views"]
    assert views["primary_key"] == ["view_date", "product_id"]
    assert views["rows"] == 300
    assert [part["rows"] for part in views["partitions"]] == [100, 100, 100]


def test_files_are_read_only(built: Home) -> None:
    publish(built, manifest())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(built).values()} == {0o444}


def test_older_duckdb_clients_can_open_the_database(built: Home) -> None:
    publish(built, manifest())
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.published}/clickstream.duckdb' as publication (read_only)")
        tags = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = 'publication'"
        ).fetchone()
    assert tags is not None
    assert tags[0].startswith("v1.5.0")


def test_publishing_the_same_content_again_changes_nothing(built: Home) -> None:
    first = publish(built, manifest())
    before = built.published.readlink()
    again = publish(built, manifest())
    assert (first.is_new, again.is_new) == (True, False)
    assert again.id == first.id
    assert built.published.readlink() == before
    assert len(list(built.publications.iterdir())) == 1


def test_only_changed_partitions_are_written(built: Home) -> None:
    publish(built, manifest())
    old = {name: path.stat().st_ino for name, path in files(built).items()}
    execute(built, *NEXT_DAY)
    second = publish(built, manifest())
    new = {name: path.stat().st_ino for name, path in files(built).items()}
    changed = {name for name in new if old.get(name) != new[name]}
    assert changed == {
        "clickstream.duckdb",
        "manifest.json",
        "parquet/daily_product_page_views/view_date=2026-01-02/part-0.parquet",
        "parquet/daily_product_page_views/view_date=2026-01-04/part-0.parquet",
    }
    assert (second.written_partitions, second.shared_partitions) == (2, 4)
    total = "select sum(view_count) from {}"
    assert read(
        built.published / "clickstream.duckdb", total.format("marts.daily_product_page_views")
    ) == read(built.warehouse, total.format("marts.daily_product_page_views"))


def test_a_partition_that_vanished_from_the_mart_vanishes_from_the_publication(built: Home) -> None:
    publish(built, manifest())
    execute(built, "delete from marts.daily_product_page_views where view_date = '2026-01-02'")
    publish(built, manifest())
    assert "parquet/daily_product_page_views/view_date=2026-01-02/part-0.parquet" not in files(built)


def test_a_renamed_column_rewrites_every_partition(built: Home) -> None:
    publish(built, manifest())
    execute(built, "alter table marts.daily_product_page_views rename view_count to views")
    assert publish(built, manifest()).written_partitions == 3


def test_a_damaged_published_file_is_written_anew(built: Home) -> None:
    publish(built, manifest())
    damaged = files(built)["parquet/daily_product_page_views/view_date=2026-01-01/part-0.parquet"]
    damaged.chmod(0o644)
    damaged.write_bytes(b"short")
    execute(built, *NEXT_DAY)
    assert publish(built, manifest()).written_partitions == 3


def test_a_publication_that_lost_a_file_is_made_anew(built: Home) -> None:
    publish(built, manifest())
    files(built)["clickstream.duckdb"].unlink()
    assert publish(built, manifest()).is_new
    assert read(built.published / "clickstream.duckdb", "select count(*) from marts.categories") == [(2,)]


def test_a_damaged_manifest_is_written_anew(built: Home) -> None:
    publish(built, manifest())
    stated = files(built)["manifest.json"]
    stated.chmod(0o644)
    stated.write_text("{")
    assert publish(built, manifest()).is_new
    assert contents(built)["tables"]


def test_equal_rows_make_equal_files_whatever_their_order(built: Home) -> None:
    publish(built, manifest())
    first = {
        part["path"]: part["sha256"] for table in contents(built)["tables"] for part in table["partitions"]
    }
    execute(
        built,
        "create table marts.shuffled as from marts.daily_product_page_views order by random()",
        "drop table marts.daily_product_page_views",
        "alter table marts.shuffled rename to daily_product_page_views",
    )
    built.published.unlink()
    publish(built, manifest())
    second = {
        part["path"]: part["sha256"] for table in contents(built)["tables"] for part in table["partitions"]
    }
    assert second == first


def test_the_last_publications_stay_and_older_ones_go(built: Home) -> None:
    ids = []
    for step in range(KEPT_PUBLICATIONS + 2):
        execute(built, f"insert into marts.categories values ({10 + step}, 'new')")
        ids.append(publish(built, manifest()).id)
    assert sorted(folder.name for folder in built.publications.iterdir()) == ids[-KEPT_PUBLICATIONS:]


def test_an_empty_mart_is_published_empty(built: Home) -> None:
    execute(built, "delete from marts.daily_product_page_views", "delete from marts.categories")
    publish(built, manifest())
    assert read(
        built.published / "clickstream.duckdb", "select count(*) from marts.daily_product_page_views"
    ) == [(0,)]
    assert "parquet/categories/part-0.parquet" in files(built)


def test_a_type_that_parquet_rounds_is_refused(built: Home) -> None:
    publish(built, manifest())
    execute(
        built,
        "alter table marts.categories alter category_id type hugeint",
        "insert into marts.categories values (1267650600228229401496703205377, 'large')",
    )
    with pytest.raises(UserError, match=r"written copy of marts\.categories differs"):
        publish(built, manifest())
    assert len(contents(built)["tables"]) == 3


def test_a_written_file_with_other_rows_is_named_by_its_date(
    built: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def miswrite(connection: Any, table: Any, partition: Any, path: Path) -> None:
        write_parquet(connection, table, partition, path)
        if str(partition.value) == "2026-01-02":
            kept = path.with_suffix(".kept")
            path.rename(kept)
            connection.execute(
                f"copy (select * replace (view_count + 1 as view_count) from read_parquet('{kept}', "
                f"hive_partitioning = false)) to '{path}' (format parquet)"
            )
            kept.unlink()

    monkeypatch.setattr("serve.publish.write_parquet", miswrite)
    with pytest.raises(UserError, match=r"daily_product_page_views differs .*\(2026-01-02\)"):
        publish(built, manifest())
    assert not built.published.exists()


def test_null_partition_is_refused_by_name(built: Home) -> None:
    execute(built, "insert into marts.daily_product_page_views values (null, 1, 1, 1, 1)")
    with pytest.raises(UserError, match="1 row without view_date"):
        publish(built, manifest())


def test_publish_by_must_be_a_date(built: Home) -> None:
    declared = manifest()
    declared["nodes"]["model.clickstream.categories"]["config"]["meta"]["publish_by"] = "name"
    with pytest.raises(UserError, match="must name a date column; name of categories is VARCHAR"):
        publish(built, declared)


def test_a_folder_in_the_links_place_is_left_alone(built: Home) -> None:
    built.published.mkdir()
    (built.published / "mine.txt").write_text("keep")
    with pytest.raises(UserError, match="stands where the link belongs"):
        publish(built, manifest())
    assert (built.published / "mine.txt").read_text() == "keep"


def test_a_missing_model_table_is_named(built: Home) -> None:
    execute(built, "drop table marts.categories")
    with pytest.raises(UserError, match="The model categories has no table"):
        publish(built, manifest())


def test_no_warehouse_is_told(home: Home) -> None:
    with pytest.raises(UserError, match="There is no warehouse yet"):
        publish(home, manifest())


def test_a_later_clean_build_of_the_same_rows_publishes_nothing(built: Home) -> None:
    publish(built, manifest())
    add_build(built, "build-2", started_at=LOADED_AT + timedelta(hours=1))
    again = publish(built, manifest())
    assert (again.is_new, again.build_id) == (False, "build-2")
