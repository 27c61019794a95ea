"""Column names: what a CSV header calls a column, as SQL calls it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RESERVED = frozenset({"_source_file", "_source_line", "_dlt_load_id"})


def snake_case(name: str) -> str:
    """A header name as dlt's snake_case convention has it: `Order ID` → `order_id`, `clientId` → `client_id`.

    Letters outside ASCII and digits stay; what is no letter or digit becomes `_`; a name without any of them
    is empty.
    """
    lead = "_" if name.strip().startswith("_") else ""
    text = name.strip()
    text = re.sub(r"[^\w]+|_+", "_", text)
    text = re.sub(r"([^\W\d_]|\d)([A-Z][a-z]+)", r"\1_\2", text)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = re.sub(r"_+", "_", text).strip("_").lower()
    return f"_{text}" if text and (lead or text[0].isdigit()) else text


def column_names(header: Sequence[str]) -> list[str]:
    """One SQL name per header field, in order.

    An empty name becomes `column_<position>`, a repeated one gets `_2`, `_3` …; a name that ingest
    itself uses gets `_2` as well.
    """
    names: list[str] = []
    taken = set(_RESERVED)
    for position, field in enumerate(header, start=1):
        base = snake_case(field) or f"column_{position}"
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        names.append(name)
    return names
