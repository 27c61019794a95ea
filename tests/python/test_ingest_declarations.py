"""Source declarations: what YAML may say, and how a mistake is told."""

from __future__ import annotations

from typing import Any

import pytest
from test_ingest_support import manifest, put

from clickstream.errors import UserError
from clickstream.settings import Home
from ingest.declarations import read_declarations
from ingest.names import column_names, snake_case
from ingest.runner import ingest

API: dict[str, Any] = {"kind": "rest_api", "client": {"base_url": "https://shop"}, "resource": {}}


def test_blocks_are_read_from_both_places_where_dbt_keeps_meta() -> None:
    declared = manifest(web__logs={"kind": "lines", "path": ["a", "b"], "columns": ["x"]})
    node = next(iter(declared["sources"].values()))
    node["meta"], node["config"] = node["config"]["meta"], {}
    declared["sources"]["other"] = {"source_name": "ingest", "name": "files", "schema": "ingest"}
    (table,) = read_declarations(declared)
    assert (table.key, table.kind, table.paths) == (("web", "logs"), "lines", ("a", "b"))
    assert (table.relation, table.columns) == ('"raw_web"."logs"', (("x", None),))


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (
            {"kind": "xml", "path": "a"},
            ["Unknown kind 'xml'", "jsonl, lines, csv, parquet, rest_api"],
        ),
        ({"path": "a"}, ["The kind is missing"]),
        ({"kind": "jsonl"}, ["'path' is missing"]),
        (
            {"kind": "jsonl", "path": "a", "delimter": ","},
            ["Unknown setting 'delimter'", "compression, live"],
        ),
        ({"kind": "jsonl", "path": 7}, ["'path' cannot be 7", "list of texts"]),
        ({"kind": "csv", "path": "a", "delimiter": "||"}, ["'delimiter' cannot be '||'", "one character"]),
        ({"kind": "csv", "path": "a", "quote": "\n"}, ["'quote' cannot be"]),
        ({"kind": "csv", "path": "a", "header": "no"}, ["'header'", "true, false"]),
        ({"kind": "csv", "path": "a", "encoding": "utf8"}, ["'encoding'", "utf-8, latin-1, cp1252, utf-16"]),
        ({"kind": "csv", "path": "a", "skip": -1}, ["'skip'", "0 or more"]),
        ({"kind": "lines", "path": "a", "compression": "bz2"}, ["auto, none, gzip, zstd"]),
        ({"kind": "parquet", "path": "a", "delimiter": ","}, ["Unknown setting 'delimiter' of kind parquet"]),
        ({**API, "client": []}, ["'client' cannot be []", "a mapping"]),
    ],
)
def test_a_mistake_names_file_key_and_what_is_allowed(block: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(UserError) as told:
        read_declarations(manifest(web__logs=block))
    message = str(told.value)
    assert "models/staging/web/_web__sources.yml: web.logs" in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    "client",
    [
        {"auth": {"type": "bearer", "token": "abc"}},
        {"auth": {"type": "http_basic", "username": "u", "password": "p"}},
        {"auth": {"type": "api_key", "name": "X-Key", "api_key": "k"}},
        {"auth": {"type": "oauth2_client_credentials", "client_id": "i", "client_secret": "s"}},
        {"headers": {"Authorization": "Bearer abc"}},
        {"headers": {"X-Api-Token": "abc"}},
    ],
)
def test_a_secret_in_yaml_is_refused(client: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="A secret stands in YAML"):
        read_declarations(manifest(web__logs={**API, "client": {"base_url": "https://shop", **client}}))


def test_auth_and_cursors_without_secrets_are_fine() -> None:
    client = {
        "base_url": "https://shop",
        "auth": {"type": "http_basic", "username": "u"},
        "paginator": {"type": "cursor", "cursor_path": "next_page_token", "cursor_param": "page_token"},
    }
    assert read_declarations(manifest(web__logs={**API, "client": client}))


def test_an_unknown_source_is_an_error_that_lists_them(home: Home) -> None:
    declared = manifest(web__logs={"kind": "lines", "path": "a"}, shop__orders=API)
    with pytest.raises(UserError, match="shop, web"):
        ingest(home, declared, sources=["sohp"])


def test_only_the_named_sources_are_loaded(home: Home) -> None:
    put(home, "a.log", b"a\n")
    block = {"kind": "lines", "path": "inbox/*.log"}
    report = ingest(home, manifest(a__logs=block, b__logs=block), sources=["b"])
    assert [(table.name, table.row_count) for table in report.tables] == [("b.logs", 1)]


def test_names_follow_snake_case_and_stay_apart() -> None:
    written = ["Order ID", "clientId", "HTTPStatus", " x ", "1st", "_id", "日本", "-"]
    names = ["order_id", "client_id", "http_status", "x", "_1st", "_id", "日本", ""]
    assert [snake_case(name) for name in written] == names
    twice = ["a", "A", "", "a_2", "_dlt_load_id"]
    assert column_names(twice) == ["a", "a_2", "column_3", "a_2_2", "_dlt_load_id_2"]
