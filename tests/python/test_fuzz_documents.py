"""Documents as nobody should send them, through a real build: each line with each of its reasons.

Python's json module, held to RFC 8259, is the reference. `make fuzz` sends more, and others each time.
"""

from __future__ import annotations

import json
import os
import random
import secrets
from typing import Any, NoReturn

import duckdb
from nasty import document, event
from pipeline_support import succeeded

from clickstream.pipeline import run
from clickstream.settings import Home

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
COUNT = 100 * EXAMPLES or 3_000
SEED = secrets.randbits(32) if EXAMPLES else 7

LONGEST = 100_000
"""The var longest_event_bytes."""

WELL_READ = {"invalid_utf8", "line_too_long", "invalid_json", "not_an_object", "missing_event_id"}
WELL_READ |= {"missing_action", "missing_page"}
"""Reasons that the reference gives; of times it has no opinion."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


class _Object(dict[str, Any]):
    """Of two members with one name the first counts."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(reversed(members))
        self.members = members


def _has_lone_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return any(0xD800 <= ord(char) <= 0xDFFF for char in value)
    if isinstance(value, _Object):
        return any(_has_lone_surrogate(part) for member in value.members for part in member)
    return isinstance(value, list) and any(map(_has_lone_surrogate, value))


def _parsed(text: str) -> tuple[bool, Any]:
    """Whether a text is JSON as RFC 8259 has it and holds only texts that can be held; its value."""
    try:
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_int=lambda _: 1,
            parse_float=lambda _: 1.0,
            object_pairs_hook=_Object,
        )
    except (ValueError, RecursionError):
        return False, None
    return not _has_lone_surrogate(value), value


def expected_reasons(line: bytes) -> set[str] | None:
    """The reasons of `WELL_READ` that apply to a line; None for a blank one."""
    text = line.decode(errors="replace")
    reasons = {"invalid_utf8"} if text.encode() != line else set()
    if len(text.encode()) > LONGEST:
        return reasons | {"line_too_long"}
    if not text.strip(" \t\r"):
        return None
    is_valid, value = _parsed(text.removeprefix("\ufeff"))
    if not is_valid:
        return reasons | {"invalid_json"}
    if not isinstance(value, dict):
        return reasons | {"not_an_object"}
    for name in ("event_id", "action", "page"):
        found = value.get(name)
        if found is None or (isinstance(found, str) and not found.strip(" ")):
            reasons.add(f"missing_{name}")
    return reasons


def _json(**fields: object) -> bytes:
    return json.dumps(event(1, **fields)).encode()


SPECIAL: list[tuple[bytes, set[str] | None]] = [
    (_json(event_id="longer", page="/product/" + "9" * 50_000_000), {"line_too_long"}),
    (b'{"event_id":"' + b"y" * 50_000_000, {"line_too_long"}),
    (b"[" * 50_000 + b"]" * 50_000, {"not_an_object"}),
    (_json(event_id="deep")[:-1] + b',"deep":' + b'{"a":' * 15_000 + b"1" + b"}" * 15_000 + b"}", set()),
    (_json(event_id="wide")[:-1] + b"".join(b',"%x":1' % number for number in range(10_000)) + b"}", set()),
    (_json(event_id="long", page="/" + "p" * 99_000), set()),
    (b"\xff\xfe" + '{"event_id":"utf-16"}'.encode("utf-16-le"), {"invalid_utf8", "invalid_json"}),
    (b'\xef\xbb\xbf{"a":NaN}', {"invalid_json"}),
    (b"-inf", {"invalid_json"}),
    (b"\x00" * 50, {"invalid_json"}),
]

PRODUCTS = b"""product_id,product_name,category_id,price
1,one,c1,1.00
2,two,c1
3,"three"x,c1,1.00
4,\xff
5,\xff,c1,1.00
product_id,product_name,category_id,price
6,"six
lines",c1,1.00
7,"never closed,c1,1.00
"""


def test_each_document_ends_where_it_belongs_with_each_reason(home: Home) -> None:
    chance = random.Random(SEED)
    lines = [document(chance, number) for number in range(COUNT)]
    lines += [line for line, _ in SPECIAL]
    lines += [_json(event_id=f"good{number}") for number in range(COUNT)]  # a source may not be bad by half
    inbox = home.root / "data" / "inbox"
    (inbox / "events").mkdir(parents=True)
    (inbox / "events" / "nasty.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    (inbox / "catalogue").mkdir()
    (inbox / "catalogue" / "products.csv").write_bytes(PRODUCTS)

    assert succeeded(run(home)), f"seed {SEED}"

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        _compare_lines(connection, lines)
        _compare_accounting(connection, lines)
        assert connection.execute(
            "select source_line, reasons from operations.quarantined_records order by 1"
        ).fetchall() == [
            (3, ["wrong_field_count"]),
            (4, ["text_after_quote"]),
            (5, ["invalid_utf8", "wrong_field_count"]),
            (6, ["invalid_utf8"]),
            (7, ["repeated_header"]),
            (10, ["unclosed_quote"]),
        ]


def _compare_lines(connection: duckdb.DuckDBPyConnection, lines: list[bytes]) -> None:
    rows = connection.execute(
        """select r._source_line, coalesce(r._payload_bytes, encode(r.payload)), s.is_blank, s.reject_reasons
        from raw_clickstream.events as r
        inner join staging.stg_clickstream__events as s using (_dlt_load_id, _source_file, _source_line)
        order by 1"""
    ).fetchall()
    assert len(rows) == len(lines)
    special = dict(SPECIAL)
    for line, (number, content, is_blank, reasons) in zip(lines, rows, strict=True):
        assert content == line, number
        expected = special.get(line, set()) if line in special else expected_reasons(line)
        assert is_blank == (expected is None), line[:200]
        assert reasons is None or reasons, "an empty list says nothing"
        assert set(reasons or ()) & WELL_READ == (expected or set()), line[:200]


def _compare_accounting(connection: duckdb.DuckDBPyConnection, lines: list[bytes]) -> None:
    counted = connection.execute(
        """select line_count, event_count + duplicate_count + quarantined_count + blank_count,
            quarantined_count
        from operations.event_accounting"""
    ).fetchall()
    assert [counts[:2] for counts in counted] == [(len(lines), len(lines))]
    kept = connection.execute(
        """select count(*), count(*) filter (q.payload = r.payload), count(*) filter (len(q.reasons) > 0)
        from operations.quarantined_events as q
        inner join raw_clickstream.events as r
            on q.load_id = r._dlt_load_id
            and q.source_file = r._source_file
            and q.source_line = r._source_line"""
    ).fetchall()
    assert kept == [(counted[0][2],) * 3]
    assert counted[0][2] > COUNT / 4


def test_the_reference_knows_what_it_should() -> None:
    assert expected_reasons(b" \t\r") is None
    assert expected_reasons(b'{"a":[1,]}') == {"invalid_json"}
    assert expected_reasons(b'{"a":"\\ud800"}') == {"invalid_json"}
    assert expected_reasons(b"[]") == {"not_an_object"}
    assert expected_reasons(b'{"event_id":" ","action":1,"page":"/"}') == {"missing_event_id"}
    assert expected_reasons(b'{"event_id":"a","event_id":"","action":1,"page":null}') == {"missing_page"}
    assert expected_reasons(b'{"a":"\xff"}') == {
        "invalid_utf8",
        "missing_event_id",
        "missing_action",
        "missing_page",
    }
