"""What a run of ingest did, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

TableStatus = Literal["loaded", "nothing_new", "failed"]


@dataclass(frozen=True)
class FailedFile:
    """A file (or URL, or the source itself) that was not loaded, the cause and the next step."""

    source_file: str
    message: str
    status: str = "failed"


@dataclass
class TableReport:
    """One table of a run.

    Args:
        file_count: files (or API loads) from which something was loaded.
        row_count: rows put into the raw table.
        byte_count: uncompressed bytes loaded.
        twin_count: files recognised as copies of loaded ones.
        waiting: files whose last line waits for its newline.
        failures: what could not be loaded.
        load_ids: dlt load packages that brought rows.
    """

    source_name: str
    table_name: str
    file_count: int = 0
    row_count: int = 0
    byte_count: int = 0
    rejected_count: int = 0
    twin_count: int = 0
    waiting: list[str] = field(default_factory=list)
    failures: list[FailedFile] = field(default_factory=list)
    load_ids: list[str] = field(default_factory=list)
    message: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def name(self) -> str:
        """`source.table`."""
        return f"{self.source_name}.{self.table_name}"

    @property
    def status(self) -> TableStatus:
        """`failed` when anything failed, also if other files were loaded."""
        if self.failures:
            return "failed"
        return "loaded" if self.load_ids else "nothing_new"


@dataclass
class IngestReport:
    """A run: one entry per declared table that was asked for."""

    run_id: str
    tables: list[TableReport] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not any(table.failures for table in self.tables)

    @property
    def has_loaded(self) -> bool:
        """Whether any row or ledger entry came in through a load."""
        return any(table.load_ids for table in self.tables)
