"""What a finished command shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from clickstream.summary import look_command


def test_a_look_names_files_as_seen_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert 'duckdb.connect("home/w.duckdb"' in look_command(tmp_path / "home" / "w.duckdb", "from t")
    assert 'duckdb.connect("/other/w.duckdb"' in look_command(Path("/other/w.duckdb"), "from t")


def test_a_look_is_told_when_the_current_folder_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert f'duckdb.connect("{tmp_path}/w.duckdb"' in look_command(tmp_path / "w.duckdb", "from t")
