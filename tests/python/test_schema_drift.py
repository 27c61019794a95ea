"""Fields that come, go, move, change their type or their name: no value is lost, and each change is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
from pipeline_support import copy_project, run_with_shop, succeeded

from clickstream.settings import Home

EVENTS = "data/inbox/events"
CATALOGUE = "data/inbox/catalogue"
ODD_NAMES = ('a"b', "", "*", "a/b~c", "$.x", "ä ö")
ORDER = {"order_id": "o1", "user_id": "u1", "status": "paid", "currency": "EUR", "total": "10.00"}
ITEM = {"product_id": 1, "quantity": 2, "unit_price": "5.00"}


def _accept(project: Path, source: str, column: str, name: str) -> None:
    path = project / "models" / "staging" / source / f"_{source}__sources.yml"
    text = path.read_text(encoding="utf-8")
    line = f"          - name: {column}\n"
    assert line in text
    path.write_text(
        text.replace(line, f"{line}            config: {{meta: {{accepts: [{name}]}}}}\n", 1),
        encoding="utf-8",
    )


def _events(first: int, last: int) -> list[dict[str, Any]]:
    """Plain events, one a second, numbered within one hour."""
    return [
        {
            "event_id": f"e{number}",
            "timestamp": f"2026-01-05T10:{number // 60 % 60:02}:{number % 60:02}Z",
            "user_id": f"u{number % 7}",
            "session_id": f"s{number % 7}",
            "action": "page_view",
            "page": f"/product/{number % 5}",
            "referrer": "",
        }
        for number in range(first, last)
    ]


def _write(home: Home, name: str, lines: list[str]) -> None:
    path = home.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_fields_may_change_in_every_way_and_none_is_lost(
    home: Home, tmp_path: Path, monkeypatch: object
) -> None:
    """The later files are loaded first: what is told goes by the names of the files, not by the loads."""
    project = copy_project(tmp_path / "project")
    _accept(project, "clickstream", "user_id", "customerId")
    _accept(project, "catalogue", "name", "productTitle")
    _accept(project, "shop", "items", "lines")
    early, late = _events(0, 40), _events(40, 1300)
    for event in early:
        event["ip"] = "203.0.113.9"  # Gone for more than 1,000 lines at the end: missing.
    early[3]["session_id"] = 3  # Another type than most.
    for event in late[-9:]:
        event["customerId"] = event.pop("user_id")  # Renamed, accepted.
    late[0]["USER_ID"] = "another field"  # JSON names differ by case.
    late[7].update({name: f"value of {name}" for name in ODD_NAMES})
    late[8]["shoe_size"], early[5]["shoe_size"] = 43, 42
    orders = tmp_path / "sample" / "api" / "orders.jsonl"
    orders.parent.mkdir(parents=True)
    times = {"created_at": "2026-01-05T10:00:00Z", "updated_at": "2026-01-05T10:00:00Z"}
    renamed = {**ORDER, **times, "order_id": "o2", "lines": [ITEM, {**ITEM, "product_id": 2}]}
    orders.write_text(f"{json.dumps({**ORDER, **times, 'items': [ITEM]})}\n{json.dumps(renamed)}\n")

    _write(home, f"{EVENTS}/events-2.jsonl", [json.dumps(event) for event in late])
    _write(
        home,
        f"{CATALOGUE}/products-2.csv",  # In another order and case, renamed, without a sku, with a colour.
        [
            "Currency,PRICE,productTitle,Product_ID,colour,category_id,description,is_active",
            "EUR,5.00,Blue shoe,2,blue,c1,,true",
        ],
    )
    assert succeeded(run_with_shop(home, tmp_path / "sample", monkeypatch, folder=project))
    _write(home, f"{EVENTS}/events-1.jsonl", [json.dumps(event) for event in early])
    _write(
        home,
        f"{CATALOGUE}/products-1.csv",
        [
            "product_id,name,category_id,price,currency,sku,description,is_active",
            "1,Red shoe,c1,4.00,EUR,sku-1,,true",
        ],
    )
    outcome = run_with_shop(home, tmp_path / "sample", monkeypatch, folder=project)

    assert succeeded(outcome), "a field that is gone warns, and stops nothing"
    assert outcome.publication is not None
    warned = _rows(
        home,
        "select failure_count from operations.node_results where status = 'warn' "
        "and node_name = 'assert_declared_fields_arrive' "
        f"and invocation_id = '{outcome.publication.build_id}'",
    )
    assert warned == [(2,)]
    one, two = f"{EVENTS}/events-1.jsonl", f"{EVENTS}/events-2.jsonl"
    products = [f"{CATALOGUE}/products-{number}.csv" for number in (1, 2)]
    drift = _rows(
        home,
        "select table_name, field_name, drift_kind, field_type, line_count, first_source_file, "
        "first_source_line, last_source_file, last_source_line from operations.schema_drift order by all",
    )
    odd = [("events", name, "undeclared", "string", 1, two, 8, two, 8) for name in ODD_NAMES]
    assert drift == sorted(
        [
            *odd,
            ("events", "USER_ID", "undeclared", "string", 1, two, 1, two, 1),
            ("events", "ip", "missing", "string", 40, one, 1, one, 40),
            ("events", "session_id", "retyped", "number", 1, one, 4, one, 4),
            ("events", "shoe_size", "undeclared", "number", 2, one, 6, two, 9),
            ("products", "colour", "undeclared", "string", 1, products[1], 2, products[1], 2),
            ("products", "sku", "missing", "string", 1, products[0], 2, products[0], 2),
        ]
    )
    assert _rows(home, "select count(*), count(distinct user_id) from normalized.events") == [(1300, 7)]
    assert _rows(home, "select session_id from normalized.events where event_id = 'e3'") == [("3",)]
    assert _rows(
        home,
        "select product_id, product_name, price_amount::varchar, currency, sku from normalized.products "
        "where product_name is not null order by all",
    ) == [(1, "Red shoe", "4.0000", "EUR", "sku-1"), (2, "Blue shoe", "5.0000", "EUR", None)]
    assert _rows(home, "select colour from raw_catalogue.products where product_id = '2'") == [("blue",)]
    kept = json.loads(
        _rows(home, "select payload from raw_clickstream.events where payload like '%a/b~c%'")[0][0]
    )
    assert {name: kept[name] for name in ODD_NAMES} == {name: f"value of {name}" for name in ODD_NAMES}
    assert _rows(home, "select order_id, product_id, quantity from normalized.order_items order by all") == [
        ("o1", 1, 2),
        ("o2", 1, 2),
        ("o2", 2, 2),
    ]
