"""API replies: parsed for dlt's paginators and cursors, with the exact text of each record kept beside it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

TEXT_KEY = "_record_text"
"""What dlt tells records of one cursor value apart by, unless YAML names a primary key: their exact text."""

_SPACE = " \t\n\r"


class Record(dict[str, Any]):
    """A JSON object of a list in a reply.

    Attributes:
        text: the object exactly as it was received.
        url: of the request that brought it, without query and secrets.
    """

    text: str
    url: str

    def __missing__(self, key: str) -> str:
        if key == TEXT_KEY:
            return self.text
        raise KeyError(key)


def _integer(digits: str) -> int | str:
    # Python refuses to convert longer ones; the record's text keeps all digits anyway.
    return int(digits) if len(digits) <= 4000 else digits


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_int=_integer, parse_constant=_constant)


def parse_reply(content: bytes, url: str) -> Any:
    """Parse a reply; objects that stand in lists become `Record`s.

    Args:
        content: the body, UTF-8.
        url: what the records carry as their source.

    Raises:
        ValueError: the body is not JSON (RFC 8259).
    """
    text = content.decode("utf-8-sig")
    value, end = _value(text, _skip(text, 0), url)
    if _skip(text, end) != len(text):
        raise ValueError(f"more text after the end of the document, at character {end}")
    return value


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _value(text: str, position: int, url: str) -> tuple[Any, int]:
    """The value at a position, and the position behind it. Scalars are left to the standard library."""
    match text[position : position + 1]:
        case "{":
            return _object(text, position, url)
        case "[":
            return _list(text, position, url)
        case "":
            raise ValueError("the document is empty or ends too early")
        case _:
            return _decoder.raw_decode(text, position)


def _object(text: str, position: int, url: str) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    position = _skip(text, position + 1)
    if text.startswith("}", position):
        return found, position + 1
    while True:
        if not text.startswith('"', position):
            raise ValueError(f"a name is expected at character {position}")
        key, position = _decoder.raw_decode(text, position)
        position = _expect(text, position, ":")
        found[key], position = _value(text, _skip(text, position), url)
        position = _skip(text, position)
        if text.startswith("}", position):
            return found, position + 1
        position = _skip(text, _expect(text, position, ","))


def _list(text: str, position: int, url: str) -> tuple[list[Any], int]:
    found: list[Any] = []
    position = _skip(text, position + 1)
    if text.startswith("]", position):
        return found, position + 1
    while True:
        value, end = _decoder.raw_decode(text, position)
        if isinstance(value, dict):
            value = Record(value)
            value.text = text[position:end]
            value.url = url
        found.append(value)
        position = _skip(text, end)
        if text.startswith("]", position):
            return found, position + 1
        position = _skip(text, _expect(text, position, ","))


def _expect(text: str, position: int, sign: str) -> int:
    position = _skip(text, position)
    if not text.startswith(sign, position):
        raise ValueError(f"{sign!r} is expected at character {position}")
    return position + 1
