"""Files as nobody should write them, each from a seed: lines with documents or anything else, and CSV."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

Chance = random.Random

_TEXT = [
    "",
    "a",
    "ü€😀",
    "\x00",
    "\x01",
    "\u2028",
    "\ufeff",
    '"',
    "'",
    "\\",
    ",",
    ";",
    "\t",
    "|",
    "x" * 300,
    "\r",
]
_BYTES = [
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\x00",
    b"\r",
    b"\x1a",
    b"\x0c",
]


def event(number: int, **fields: object) -> dict[str, object]:
    """A good event of the shop; `fields` replaces some."""
    return {
        "event_id": f"n{number}",
        "timestamp": "2026-01-05T10:00:00Z",
        "user_id": "7",
        "session_id": "s1",
        "action": "page_view",
        "page": "/product/42",
        "properties": {},
        **fields,
    }


def _value(chance: Chance, depth: int = 0) -> object:
    kinds: list[Callable[[], object]] = [
        lambda: chance.choice(_TEXT) + chance.choice(_TEXT),
        lambda: chance.choice([0, -1, 1.5, 10**30, -(10**400), 1e308, 5e-324, True, False, None, -0.0]),
        lambda: chance.choice(["NaN", "Infinity, }", "[1,]", "null", "2026-02-30", "9" * 25, "1e5", "-1"]),
    ]
    if depth < 3:
        kinds += [
            lambda: [_value(chance, depth + 1) for _ in range(chance.randint(0, 3))],
            lambda: {_name(chance): _value(chance, depth + 1) for _ in range(chance.randint(0, 3))},
        ]
    return chance.choice(kinds)()


def _name(chance: Chance) -> str:
    return chance.choice(
        ["", "*", "$", "a.b", 'a"b', "a'b", "[0]", "#", "product_id", "event_id", "N", "\\", "\x00"]
    )


_TOKENS = [
    "NaN",
    "-Infinity",
    "nan",
    ",]",
    ",}",
    '"',
    "\\",
    "\\ud800",
    "\\u0000",
    "1.",
    "01",
    "+1",
    ":",
    "[",
    "]",
]
_TOKENS += ["{", "}", "{}", "null", "tru", "//", "/*", "'", "\x00", "\x01", "\ufeff", "1e", "\\x", ","]


def document(chance: Chance, number: int) -> bytes:
    """A line that is an event, was one, or never could be."""
    fields = {chance.choice(FIELDS): _value(chance) for _ in range(chance.choice([0, 0, 1, 1, 2]))}
    fields |= {_name(chance): _value(chance) for _ in range(chance.choice([0, 0, 0, 1]))}
    made = event(number, **fields)
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        made.pop(chance.choice(list(made)))
    text = json.dumps(
        made, ensure_ascii=chance.random() < 0.5, separators=chance.choice([(",", ":"), (", ", ": ")])
    )
    if chance.random() < 0.1:
        text = text[:-1] + f',"event_id":"again{number}","twice":1,"twice":"x"}}'
    if chance.random() < 0.3:
        position = chance.randint(0, len(text))
        text = text[:position] + chance.choice(_TOKENS) + text[position + chance.randint(0, 2) :]
    if chance.random() < 0.05:
        text = chance.choice(
            ["", " ", "\t", "null", "NaN", " -inf", "1e999", '"x"', "[]", "[{}]", "1" * 5000, "\ufeff"]
        )
    if chance.random() < 0.02:
        text = chance.choice(["[", '{"a":']) * 20_000
    line = text.encode(errors="surrogatepass")
    if chance.random() < 0.1:
        position = chance.randint(0, len(line))
        line = line[:position] + chance.choice(_BYTES) + line[position:]
    return line.replace(b"\n", b"")


FIELDS = [
    "event_id",
    "timestamp",
    "user_id",
    "session_id",
    "action",
    "page",
    "referrer",
    "user_agent",
    "ip",
    "properties",
]


def line_file(seed: int) -> bytes:
    """A file of lines: events, broken ones, binary, other encodings, any newline, perhaps no last one."""
    chance = Chance(seed)
    if chance.random() < 0.1:
        return chance.randbytes(chance.randint(0, 2_000))
    lines = [document(chance, number) for number in range(chance.randint(0, 12))]
    newlines = chance.choice([[b"\n"], [b"\r\n"], [b"\r"], [b"\n", b"\r\n", b"\r", b"\n\n"]])
    data = b"".join(line + chance.choice(newlines) for line in lines)
    if chance.random() < 0.3:
        data = data.rstrip(b"\r\n")
    if chance.random() < 0.1:
        data = data.decode(errors="replace").encode(chance.choice(["utf-16", "utf-16-le", "utf-32"]))
    if chance.random() < 0.1:
        data = b"\xef\xbb\xbf" + data
    return data


def csv_file(seed: int) -> bytes:
    """A CSV file: quotes and delimiters gone wrong, header repeated or missing, CR alone, other encodings."""
    chance = Chance(seed)
    delimiter = chance.choice([",", ";", "\t", "|"]).encode()
    width = chance.randint(1, 4)
    header = delimiter.join(chance.choice([b"c%d", b'"c%d"', b"C %d"]) % column for column in range(width))
    records = [header] if chance.random() < 0.9 else []
    for _ in range(chance.randint(0, 12)):
        cells = [_cell(chance, delimiter) for _ in range(width + chance.choice([0, 0, 0, 0, 0, 0, 1, -1]))]
        records.append(delimiter.join(cells))
        if chance.random() < 0.1:
            records.append(chance.choice([header, b"", b'"', b'"open', b"\xff", delimiter * 9]))
    newlines = chance.choice([[b"\n"], [b"\n"], [b"\r\n"], [b"\r"], [b"\n", b"\r\n"]])
    data = b"".join(record + chance.choice(newlines) for record in records)
    if chance.random() < 0.3:
        data = data.rstrip(b"\r\n")
    before = chance.choice([b"", b"", b"", b"", b"\xef\xbb\xbf", b"\n\n"])
    if chance.random() < 0.05:
        data = data.decode(errors="replace").encode("utf-16")
    return before + data


def _cell(chance: Chance, delimiter: bytes) -> bytes:
    text = (chance.choice(_TEXT) + chance.choice(_TEXT)).replace("\n", "").encode()
    kind = chance.random()
    if kind < 0.5:
        return b"%d" % chance.randint(0, 99)
    if kind < 0.8:
        inner = text.replace(b'"', b'""') + chance.choice([b"", delimiter, b"\n", b"\r\n", b'""'])
        return b'"' + inner + b'"'
    return chance.choice(
        [text.replace(b"\r", b""), b'"' + text + b'"x', b'x"y', b'"', chance.choice(_BYTES), b""]
    )
