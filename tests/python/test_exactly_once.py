"""The ledger's laws through all layers: what comes twice counts once, what is forgotten leaves no trace."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline_support import all_files, in_ledger, make_sample, put, run_with_shop
from restatement_support import assert_causes, moved_figures, read_restatements

from clickstream.fingerprint import read_fingerprint
from clickstream.settings import Home
from ingest.forgetting import forget_file

GRAIN_IS_LOAD = (
    "normalized.event_arrivals",
    "normalized.event_date_arrivals",
    "operations.field_arrivals",
    "operations.tested_arrivals",
    "operations.watermarks",
)
"""Tables of figures per file and load: a log that grew came in several loads."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample(tmp_path_factory.mktemp("sample"), events=1_000, days=1, seed=4)


def _home(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    root = tmp_path / name
    root.mkdir()
    monkeypatch.setenv("CLICKSTREAM_HOME", str(root))
    return Home(root)


def _in_inbox(home: Home, sample: Path, file: Path) -> Path:
    return home.root / "data" / "inbox" / file.relative_to(sample)


def _plain_logs(sample: Path) -> list[Path]:
    """Uncompressed event logs, largest first."""
    logs = [file for file in all_files(sample) if file.suffix == ".jsonl"]
    return sorted(logs, key=lambda file: -file.stat().st_size)


def _published(home: Home) -> dict[str, Any]:
    content = json.loads((home.published / "manifest.json").read_text())
    return {
        table["name"]: [(part["value"], part["rows"], part["content_hash"]) for part in table["partitions"]]
        for table in content["tables"]
        if table["name"].startswith("marts.")
    }


def _ledger(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_file_touched_renamed_copied_or_compressed_counts_once_in_every_layer(
    tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = _home(tmp_path, "home", monkeypatch)
    put(home, sample, all_files(sample))
    assert run_with_shop(home, sample, monkeypatch).exit_code == 0
    before, published = read_fingerprint(home), _published(home)

    touched, renamed, copied, compressed = (_in_inbox(home, sample, log) for log in _plain_logs(sample)[:4])
    os.utime(touched, (1_000_000_000, 1_000_000_000))
    renamed.rename(renamed.with_name("renamed.jsonl"))
    (copied.parent / "again").mkdir()
    shutil.copyfile(copied, copied.parent / "again" / "copy.jsonl")
    compressed.with_name("packed.jsonl.gz").write_bytes(gzip.compress(compressed.read_bytes()))

    outcome = run_with_shop(home, sample, monkeypatch)

    assert outcome.exit_code == 0
    assert outcome.is_current, "nothing new: not even a build"
    assert read_fingerprint(home) == before
    assert _published(home) == published
    twins = _ledger(home, "select source_file, twin_of from ingest.files where status = 'twin'")
    folder = touched.parent.relative_to(home.root).as_posix()
    assert set(twins) >= {
        (f"{folder}/renamed.jsonl", f"{folder}/{renamed.name}"),
        (f"{folder}/again/copy.jsonl", f"{folder}/{copied.name}"),
        (f"{folder}/packed.jsonl.gz", f"{folder}/{compressed.name}"),
    }


def test_a_forgotten_file_leaves_no_trace_in_any_layer_and_a_corrected_one_loads(
    tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file holds the first arrivals of events that later files repeat: those must come back."""
    files = all_files(sample)
    wrong = _plain_logs(sample)[0]
    without = _home(tmp_path, "without", monkeypatch)
    put(without, sample, [file for file in files if file != wrong])
    assert run_with_shop(without, sample, monkeypatch).exit_code == 0

    home = _home(tmp_path, "home", monkeypatch)
    put(home, sample, files)
    assert run_with_shop(home, sample, monkeypatch).exit_code == 0
    complete, complete_published = read_fingerprint(home), _published(home)
    assert complete != read_fingerprint(without)

    forgotten = forget_file(home, str(_in_inbox(home, sample, wrong).relative_to(home.root)))
    assert forgotten.row_count == len(wrong.read_bytes().splitlines())
    assert run_with_shop(home, sample, monkeypatch).exit_code == 0

    assert read_fingerprint(home) == read_fingerprint(without)
    assert _published(home) == _published(without)
    restated = moved_figures(home, 1, 2)
    assert read_restatements(home) == restated
    assert_causes(home, 2, ["forgotten_file"], [in_ledger(sample, wrong)])

    put(home, sample, [wrong])  # put there again: another modification time
    assert run_with_shop(home, sample, monkeypatch).exit_code == 0
    assert read_fingerprint(home) == complete
    assert _published(home) == complete_published
    assert read_restatements(home) == {**restated, **moved_figures(home, 2, 3)}
    assert_causes(home, 3, ["new_lines"], [in_ledger(sample, wrong)])


def test_a_log_that_grows_with_torn_lines_and_old_times_equals_the_log_at_once(
    tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock also goes back: the second load has the smaller load id."""
    log = _plain_logs(sample)[0]
    others = [file for file in all_files(sample) if file != log]
    at_once = _home(tmp_path, "at_once", monkeypatch)
    put(at_once, sample, all_files(sample))
    assert run_with_shop(at_once, sample, monkeypatch).exit_code == 0

    home = _home(tmp_path, "grown", monkeypatch)
    put(home, sample, others[1:])
    content = log.read_bytes()
    target = _in_inbox(home, sample, log)
    repeated = content.splitlines(keepends=True)
    cut = len(b"".join(repeated[: len(repeated) // 2])) + 40
    target.write_bytes(content[:cut])
    assert run_with_shop(home, sample, monkeypatch).exit_code == 0
    assert _ledger(home, "select line_count from ingest.files where waiting_bytes > 0") == [
        (len(repeated) // 2,)
    ]

    set_clock_back(monkeypatch)
    with target.open("ab") as growing:
        growing.write(content[cut:])
    put(home, sample, others[:1])
    late = _in_inbox(home, sample, others[0])
    os.utime(late, (1_000_000_000, 1_000_000_000))
    assert run_with_shop(home, sample, monkeypatch).exit_code == 0

    loads = _ledger(
        home,
        f"select load_id from ingest.arrivals where source_file like '%{log.name}' order by first_line",
    )
    assert len(loads) == 2
    assert loads[0] > loads[1], "the clock did go back"
    assert _compared(home) == _compared(at_once)
    assert _published(home) == _published(at_once)
    assert run_with_shop(home, sample, monkeypatch, full_refresh=True).exit_code == 0
    assert _compared(home) == _compared(at_once)


def _compared(home: Home) -> dict[str, str]:
    return {name: content for name, content in read_fingerprint(home).items() if name not in GRAIN_IS_LOAD}


def set_clock_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads, and the times they note, are of the day before."""
    import dlt.destinations.sql_client  # noqa: F401
    from dlt.common import pendulum
    from dlt.common.storages import load_package
    from dlt.extract import storage

    day = 86_400.0
    real_now, real_id = pendulum.now, load_package.create_load_id
    monkeypatch.setattr(pendulum, "now", lambda *zone: real_now(*zone).subtract(days=1))
    monkeypatch.setattr(storage, "create_load_id", lambda: str(float(real_id()) - day))
