"""Shared fixtures: a throw-away home, cut off from the settings of the person who runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsed_once import parses_shared

from clickstream.settings import Home


@pytest.fixture(autouse=True, scope="session")
def _parses_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with parses_shared(tmp_path_factory.mktemp("parses")):
        yield


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CLICKSTREAM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, also named by CLICKSTREAM_HOME."""
    root = tmp_path / "home"
    root.mkdir()
    monkeypatch.setenv("CLICKSTREAM_HOME", str(root))
    return Home(root)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose pipeline has run on a sample of 24 days; tests only read it."""
    from published_support import publish_sample

    work = tmp_path_factory.mktemp("published")
    return publish_sample(work / "home", work)


@pytest.fixture(scope="session")
def address(published: Home) -> Iterator[str]:
    """Where the dashboard of the publication is served."""
    from published_support import NOW, served

    with served(published, clock=lambda: NOW) as url:
        yield url
