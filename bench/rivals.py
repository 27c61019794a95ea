"""Runs the peers on the same lines, and checks that they count the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench.data import lines_of, logs
from bench.measure import Measured, measure
from bench.settings import PROJECT, cache

PEERS = {
    "duckdb_once": "DuckDB, one statement",
    "polars_lazy": "polars, lazy",
    "chdb_local": "chDB",
    "pandas_chunks": "pandas, in chunks",
    "spark_local": "PySpark local[2]",
    "dlt_duckdb": "plain dlt, then DuckDB",
}
"""Module → name."""

LOCK = PROJECT / "bench" / "requirements.lock"


class UnequalError(Exception):
    """Two peers counted differently: their times must not be compared."""


def environment() -> Path:
    """The peers' Python; makes their environment, from the hashed lock, on first use."""
    folder = cache() / "peers-venv"
    python = folder / "bin" / "python"
    done = folder / ".installed"
    if not done.exists() or done.stat().st_mtime < LOCK.stat().st_mtime:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-qq", "--require-hashes", "-r", str(LOCK)], check=True
        )
        done.touch()
    return python


def clean_logs(sample: Path, limit: int | None = None) -> list[Path]:
    """A sample's lines that are JSON, uncompressed: what every peer can read. Made once.

    Args:
        sample: its folder.
        limit: only the first files that hold so many lines together; None: all.
    """
    folder = cache() / "clean" / sample.name
    if not (folder / "counts.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        counts: dict[str, int] = {}
        for path in logs(sample):
            lines = [line for line in lines_of([path]) if is_json(line)]
            name = f"{path.name.split('.')[0]}.jsonl"
            (folder / name).write_bytes(b"".join(lines))
            counts[name] = len(lines)
        (folder / "counts.json").write_text(json.dumps(counts), encoding="utf-8")
    counts = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    chosen: list[Path] = []
    total = 0
    for name in sorted(counts):
        if limit is not None and chosen and total + counts[name] > limit:
            break
        if counts[name]:
            chosen.append(folder / name)
            total += counts[name]
    return chosen


def is_json(line: bytes) -> bool:
    """Whether a line is a JSON document in UTF-8."""
    try:
        json.loads(line.decode())
    except ValueError:
        return False
    return True


def run_peer(name: str, files: Sequence[Path]) -> tuple[Measured, Path]:
    """Measure one peer; returns where its Parquet lies too."""
    work = cache() / "peers" / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    listing = work / "logs.txt"
    listing.write_text("\n".join(map(str, files)), encoding="utf-8")
    output = work / "counts.parquet"
    script = PROJECT / "bench" / "peers" / f"{name}.py"
    env = {"PYTHONPATH": "", "DLT_DATA_DIR": str(work), "TMPDIR": str(work), "SPARK_LOCAL_DIRS": str(work)}
    if "JAVA_HOME" in os.environ:
        env["JAVA_HOME"] = os.environ["JAVA_HOME"]
    return measure([str(environment()), str(script), str(listing), str(output)], env=env, cwd=work), output


def counts(output: Path) -> tuple[int, int, str]:
    """Rows, views and a hash of what a peer wrote, in whatever order."""
    source = f"{output}/*.parquet" if output.is_dir() else str(output)
    row = duckdb.execute(
        "select count(*), sum(view_count)::bigint, "
        "md5(string_agg(concat_ws(' ', view_date, product_id, view_count), ';' "
        "order by view_date, product_id)) "
        "from (select view_date::date as view_date, product_id::bigint as product_id, "
        "view_count::bigint as view_count from read_parquet(?))",
        [source],
    ).fetchone()
    rows, views, digest = row or (0, 0, "")
    return int(rows), int(views or 0), str(digest)


def require_equal(found: dict[str, tuple[int, int, str]]) -> None:
    """Compare what the peers counted.

    Raises:
        UnequalError: two of them differ.
    """
    if len(set(found.values())) > 1:
        raise UnequalError(
            "; ".join(
                f"{name}: {rows} rows, {views} views, {digest[:8]}"
                for name, (rows, views, digest) in found.items()
            )
        )
