"""How a CSV file is written: found out from its beginning, strictly, or told by the source YAML."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np

from ingest.csv_tokens import read_record
from ingest.declarations import SourceTable
from ingest.lines import CR, LF
from ingest.names import column_names
from ingest.problems import FileProblem

DELIMITERS = (",", ";", "\t", "|")
BOM = b"\xef\xbb\xbf"
SAMPLE_BYTES = 4 << 20
SAMPLE_RECORDS = 20


@dataclass(frozen=True)
class Dialect:
    """How one file is read; kept in the ledger (`ingest.files.dialect`).

    Args:
        delimiter: between fields.
        quote: around fields; empty: none.
        newline: `LF` (with or without CR before it) or `CR`.
        has_bom: the file begins with a byte order mark, which is dropped.
        skipped: lines before the header, by the setting `skip` or blank.
        header: the header's fields as written; empty when the file has none by declaration.
        header_lines: physical lines of the header.
        columns: names in the raw table, one per field.
        is_detected: the delimiter was found out, not set.
        encoding: of the file, by setting.
    """

    delimiter: str
    quote: str
    newline: str
    has_bom: bool
    skipped: int
    header: tuple[str, ...]
    header_lines: int
    columns: tuple[str, ...]
    is_detected: bool
    encoding: str = "utf-8"

    @property
    def newline_byte(self) -> int:
        """The byte that ends a line."""
        return CR if self.newline == "CR" else LF

    @property
    def lead_lines(self) -> int:
        """Physical lines before the first record."""
        return self.skipped + self.header_lines

    def to_json(self) -> str:
        """As it stands in the ledger."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Dialect:
        """Read what `to_json` wrote."""
        data = json.loads(text)
        return cls(**{**data, "header": tuple(data["header"]), "columns": tuple(data["columns"])})


def find_dialect(table: SourceTable, start: bytes) -> Dialect | None:
    """The dialect of a file.

    Args:
        table: its declaration; settings come before what is found.
        start: the file's first bytes, at most `SAMPLE_BYTES`.

    Returns:
        None for a file that holds blank lines only.

    Raises:
        FileProblem: the delimiter is not clear, or the header is missing or unreadable.
    """
    settings = table.settings
    has_bom = start.startswith(BOM)
    encoding = str(settings.get("encoding", "utf-8"))
    text = start.removeprefix(BOM)
    newline = _find_newline(text, str(settings.get("quote", '"')))
    ending = b"\r" if newline == "CR" else b"\n"
    skipped = int(settings.get("skip", 0))
    lines = text.split(ending)
    position = sum(len(line) + 1 for line in lines[:skipped])
    while position < len(text) and _line(text, position, ending) == b"":
        position = text.find(ending, position) + 1 or len(text)
        skipped += 1
    text = text[position:]
    if not text:
        return None
    quote = str(settings.get("quote", '"'))
    has_header = bool(settings.get("header", True))
    delimiter = str(settings.get("delimiter") or _find_delimiter(text, quote, ending))
    header: tuple[str, ...] = ()
    header_lines = 0
    if has_header:
        header, header_lines = _read_header(text, delimiter, quote, ending)
        columns = tuple(column_names(header))
        _check_header(table, header, columns)
    else:
        columns = tuple(column_names([name for name, _ in table.columns]))
        if not columns:
            raise FileProblem(
                "The source YAML says `header: false`, so it must list the columns in their order."
            )
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        newline=newline,
        has_bom=has_bom,
        skipped=skipped,
        header=header,
        header_lines=header_lines,
        columns=columns,
        is_detected="delimiter" not in settings,
        encoding=encoding,
    )


def _find_newline(text: bytes, quote: str) -> str:
    """What ends the lines: LF, unless most ends of lines outside quotes are a CR alone."""
    data = np.frombuffer(text, np.uint8)
    is_lf, is_cr = data == LF, data == CR
    is_cr[:-1] &= ~is_lf[1:]
    if not (is_cr.any() and is_lf.any()):
        return "CR" if is_cr.any() else "LF"
    is_outside = np.cumsum(data == ord(quote)) % 2 == 0 if quote else np.ones(len(data), np.bool_)
    return "CR" if (is_cr & is_outside).sum() > (is_lf & is_outside).sum() else "LF"


def _line(text: bytes, position: int, ending: bytes) -> bytes:
    end = text.find(ending, position)
    line = text[position : end if end >= 0 else len(text)]
    return line.removesuffix(b"\r") if ending == b"\n" else line


def _find_delimiter(text: bytes, quote: str, ending: bytes) -> str:
    """The delimiter that the header holds; where several occur, the one that fits the records too."""
    counts: dict[str, list[int]] = {}
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter, quote, ending)
        if widths[0] > 1:
            counts[delimiter] = widths
    if not counts:
        return ","
    fitting = [delimiter for delimiter, widths in counts.items() if len(set(widths)) == 1]
    found = list(counts) if len(counts) == 1 else fitting
    if len(found) != 1:
        shown = ", ".join(repr(delimiter) for delimiter in counts)
        raise FileProblem(
            f"The delimiter is not clear: the header holds {shown}. Set `delimiter` in the YAML."
        )
    return found[0]


def _widths(text: bytes, delimiter: str, quote: str, ending: bytes) -> list[int]:
    """Field counts of the header and the first records."""
    widths: list[int] = []
    position = 0
    is_cut = len(text) > SAMPLE_BYTES // 2
    while position < len(text) and len(widths) <= SAMPLE_RECORDS:
        record = read_record(text, position, len(text), delimiter.encode(), quote.encode(), ending)
        if record.end is None:
            position = text.find(ending, position) + 1 or len(text)
            if not widths:
                return [1]
            continue
        if record.end == len(text) and is_cut and widths:
            break  # perhaps cut off by the sample
        if record.fields != [None]:
            widths.append(len(record.fields))
        position = record.end
    return widths or [1]


def _read_header(text: bytes, delimiter: str, quote: str, ending: bytes) -> tuple[tuple[str, ...], int]:
    record = read_record(text, 0, len(text), delimiter.encode(), quote.encode(), ending)
    if record.end is None:
        raise FileProblem(
            f"The header cannot be read ({record.reason}). Set `delimiter` or `quote` in the YAML."
        )
    try:
        fields = tuple((field or b"").decode() for field in record.fields)
    except UnicodeDecodeError as error:
        raise FileProblem("The header is not valid UTF-8. Save the file as UTF-8.") from error
    if any("\x00" in field for field in fields):
        raise FileProblem("The header holds NUL bytes: is the file UTF-16? Save it as UTF-8.")
    return fields, max(text.count(ending, 0, record.end), 1)


def _check_header(table: SourceTable, header: tuple[str, ...], columns: tuple[str, ...]) -> None:
    expected = column_names([name for name, _ in table.columns])
    if expected and not set(expected) & set(columns):
        shown = ", ".join(header)[:200]
        raise FileProblem(
            f"The header is missing: no field of the first line ({shown}) is an expected column "
            f"({', '.join(expected[:20])}). Add the header, or set `header: false` or `delimiter` in YAML."
        )
