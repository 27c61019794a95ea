"""The catalogue files: CSV as a shop system exports it, with every difficulty that CSV allows."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb

from sample.rates import FIRST_PRODUCT_ID, PRODUCT_COUNT

BROKEN_PRODUCT_ID = FIRST_PRODUCT_ID + 1_234
"""The one record with a field too many (an unquoted comma in the name)."""

ROOT_CATEGORIES, MIDDLE_CATEGORIES, LEAF_CATEGORIES = 4, 16, 64

_MATERIALS = ["Oak", "Walnut", "Steel", "Linen", "Wool", "Glass", "Cork", "Bamboo", "Brass", "Felt"]
_THINGS = [
    "Lamp",
    "Chair",
    "Shelf",
    "Rug",
    "Mug",
    "Mirror",
    "Cushion",
    "Table",
    "Clock",
    "Basket",
    "Stool",
    "Vase",
]
_FINISHES = [
    "",
    " matt",
    " small",
    " large",
    " (set of 2)",
    ", foldable",
    ' 27"',
    " «Küche»",
    " No. 5",
    " — Élan",
]
_CATEGORY_NAMES = ["Living", "Kitchen", "Office", "Garden"]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _field(text: str) -> str:
    return _quoted(text) if any(sign in text for sign in ',"\n') else text


def _product_name(product_id: int) -> str:
    return (
        f"{_MATERIALS[product_id % 10]} {_THINGS[product_id // 10 % 12]}"
        f"{_FINISHES[product_id // 7 % 10]} {product_id % 97}"
    )


def _description(product_id: int) -> str:
    """A field of the CSV, quotation marks included: null, empty, one line, or several lines."""
    match product_id % 8:
        case 0:
            return ""
        case 1:
            return '""'
        case 2:
            return _quoted(
                f'Care: dust, then wipe.\nSize: {product_id % 40 + 10}"\n\nMade to order, "by hand".'
            )
        case _:
            return f"Article {product_id}"


def _write_products(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    prices = connection.execute(
        "select product_id, money(product_price_cents(product_id)) from range(?, ?) as ids (product_id)"
        " order by product_id",
        [FIRST_PRODUCT_ID, FIRST_PRODUCT_ID + PRODUCT_COUNT],
    ).fetchall()
    first_leaf = ROOT_CATEGORIES + MIDDLE_CATEGORIES + 1
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("product_id,sku,name,category_id,price,currency,is_active,description,updated_at\n")
        for product_id, price in prices:
            name = _product_name(product_id)
            fields = [
                str(product_id),
                f"{product_id:07d}",
                "Lamp, with a comma that should be quoted"
                if product_id == BROKEN_PRODUCT_ID
                else _field(name),
                str(first_leaf + product_id * 31 % LEAF_CATEGORIES),
                price,
                "EUR",
                "false" if product_id % 23 == 0 else "true",
                _description(product_id),
                f"2025-{product_id % 12 + 1:02d}-{product_id % 28 + 1:02d}T08:00:00Z",
            ]
            file.write(",".join(fields) + "\n")


def _write_categories(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("category_id,parent_category_id,name\n")
        for category_id in range(1, ROOT_CATEGORIES + MIDDLE_CATEGORIES + LEAF_CATEGORIES + 1):
            middle = category_id - ROOT_CATEGORIES - 1
            leaf = middle - MIDDLE_CATEGORIES
            if middle < 0:
                parent, name = "", _CATEGORY_NAMES[category_id - 1]
            elif leaf < 0:
                parent, name = str(middle // 4 + 1), f"{_MATERIALS[middle % 10]} goods {middle % 4 + 1}"
            else:
                parent = str(leaf // 4 + ROOT_CATEGORIES + 1)
                name = f"{_THINGS[leaf % 12]}, {_MATERIALS[leaf // 4 % 10].lower()}"
            file.write(f"{category_id},{parent},{_field(name)}\n")


def _write_users(path: Path, connection: duckdb.DuckDBPyConnection, start: date, seed: int) -> None:
    newest = start - timedelta(days=1)
    shift = random.Random(seed).randrange(28)
    connection.sql(
        f"""
        select
            cast(getvariable('first_user_id') + user_no as varchar) as user_id,
            strftime(
                timestamp '{newest} 00:00:00' - to_days(cast(pick(user_no, 90, 1500) as integer))
                + to_seconds(pick(user_no, 91, 86400) + {shift}),
                '%Y-%m-%dT%H:%M:%SZ'
            ) as created_at,
            ['DE', 'GB', 'FR', 'NL', 'PL', 'AT', null][1 + pick(user_no, 92, 7)] as country,
            ['example.com', 'example.org', 'mail.example.net', 'post.example.de'][1 + pick(user_no, 93, 4)]
                as email_domain,
            ['true', 'false'][1 + pick(user_no, 94, 2)] as has_newsletter,
        from range(1, getvariable('user_count') + 1) as t (user_no)
        order by user_no
        """
    ).write_csv(str(path))


def write_catalogue(folder: Path, connection: duckdb.DuckDBPyConnection, *, start: date, seed: int) -> None:
    """Write products.csv, categories.csv and users.csv.

    Args:
        folder: an existing folder.
        connection: one with the macros and variables of the sample.
        start: the first day; every user signed up before it.
        seed: of the sample.
    """
    _write_products(folder / "products.csv", connection)
    _write_categories(folder / "categories.csv")
    _write_users(folder / "users.csv", connection, start, seed)
