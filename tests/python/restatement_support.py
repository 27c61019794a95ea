"""What publications say of each other, computed from the publications themselves, without the pipeline."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import duckdb
import pytest
from pipeline_support import run_with_shop

from clickstream.settings import PROJECT, Home

Restatements = dict[tuple[int, str, str, date], tuple[int, int]]
"""(publication, mart, measure, date) → figure before, figure now."""

FIGURES = (
    ("daily_page_views", "view_count", "view_date", "sum(view_count)"),
    ("daily_product_page_views", "view_count", "view_date", "sum(view_count)"),
    ("sessions", "session_count", "session_date", "count(*)"),
    ("daily_visitors", "visitor_count", "session_date", "sum(visitor_count)"),
    ("daily_orders", "order_count", "order_date", "sum(order_count)"),
    ("product_daily_funnel", "cart_count", "activity_date", "sum(cart_count)"),
    ("product_daily_funnel", "purchase_count", "activity_date", "sum(purchase_count)"),
)


def read_restatements(home: Home) -> Restatements:
    """What readers find in operations.restatements."""
    with duckdb.connect(str(home.published / "clickstream.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select publication_number, mart_name, measure_name, restated_date, previous_value, new_value "
            "from operations.restatements"
        ).fetchall()
    found = {(number, mart, measure, day): (old, new) for number, mart, measure, day, old, new in rows}
    assert len(found) == len(rows), "nothing is told twice"
    return found


def moved_figures(home: Home, before: int, after: int) -> Restatements:
    """Dates whose rows differ between two publications, from the oldest to the newest date of the first."""
    moved: Restatements = {}
    with duckdb.connect() as connection:
        for name, number in (("before", before), ("after", after)):
            connection.execute(
                f"attach '{_publication(home, number)}/clickstream.duckdb' as {name}_ (read_only)"
            )
        for mart, measure, day, value in FIGURES:
            rows = connection.execute(
                f"""
                with changed as (
                    select {day} from (from before_.marts.{mart} except all from after_.marts.{mart})
                    union
                    select {day} from (from after_.marts.{mart} except all from before_.marts.{mart})
                ),
                old as (select {day}, {value} as figure from before_.marts.{mart} group by {day}),
                new as (select {day}, {value} as figure from after_.marts.{mart} group by {day})
                select {day}, coalesce(old.figure, 0), coalesce(new.figure, 0)
                from changed left join old using ({day}) left join new using ({day})
                where {day} between (select min({day}) from old) and (select max({day}) from old)
                """
            ).fetchall()
            moved.update({(after, mart, measure, day): (old, new) for day, old, new in rows})
    return moved


def _publication(home: Home, number: int) -> Path:
    (folder,) = home.publications.glob(f"{number:06d}-*")
    return folder


def assert_causes(home: Home, number: int, reasons: list[str], files: Collection[str]) -> None:
    """Rows of a publication name the loads and the files, of `files`, whose lines came or went for the date.

    Args:
        home: the environment.
        number: of the publication.
        reasons: of every row.
        files: names, in the ledger, of the files that came or went between it and the one before.
    """
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select restated_date, reasons, load_ids, source_files, source_file_count "
            "from operations.restatements where publication_number = ?",
            [number],
        ).fetchall()
        arrived: dict[date, list[tuple[str, str]]] = {}
        for day, file, load_id in connection.execute(
            """select distinct event_date, _source_file, _dlt_load_id from staging.stg_clickstream__events
            where reject_reasons is null and list_contains(?, _source_file)""",
            [list(files)],
        ).fetchall():
            arrived.setdefault(day, []).append((file, load_id))
    assert rows
    for day, told, load_ids, source_files, count in rows:
        assert told == reasons
        assert set(source_files) <= set(files)
        if day in arrived:
            expected = sorted(file for file, _ in arrived[day])
            assert (source_files, count) == (expected[:20], len(expected))
            assert load_ids == sorted({load_id for _, load_id in arrived[day]})


def crash_before_the_switch(
    home: Home, sample: Path, monkeypatch: pytest.MonkeyPatch, folder: Path = PROJECT
) -> None:
    """A run that ends when its publication is whole and named, but no reader sees it yet."""

    def killed(link: Path, target: Path) -> None:
        raise RuntimeError(f"killed before {link.name} -> {target.name}")

    before = home.published.resolve()
    with monkeypatch.context() as patch:
        patch.setattr("serve.publish.switch", killed)
        with pytest.raises(RuntimeError, match="killed before"):
            run_with_shop(home, sample, monkeypatch, folder=folder)
    assert home.published.resolve() == before
