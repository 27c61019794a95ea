"""The generic test primary_key finds the same offending keys with a hash of the key as without."""

from __future__ import annotations

import duckdb
import jinja2
import pytest

from clickstream.settings import PROJECT

ROWS = "(select * from (values ('a', 1), ('a', 1), ('a', 2), ('b', null), (null, 3), ('c', 4)) as v(f, n))"
_jinja = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701 (SQL, not HTML)

OFFENDING = [("a", 1, 2), ("b", None, 1), (None, 3, 1)]


@pytest.mark.parametrize("hash_column", [None, "hash(f, n)", "hash(n)", "n"])
def test_repeated_and_null_keys_are_found(hash_column: str | None) -> None:
    text = (PROJECT / "tests" / "generic" / "primary_key.sql").read_text("utf-8")
    text = text.replace("{% test ", "{% macro ").replace("{% endtest %}", "{% endmacro %}")
    module = _jinja.from_string(text).module
    sql = module.primary_key(ROWS, ["f", "n"], hash_column=hash_column)  # type: ignore[attr-defined]  # a macro
    found = duckdb.connect().execute(sql).fetchall()
    assert sorted(found, key=str) == sorted(OFFENDING, key=str)
