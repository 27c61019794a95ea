"""Homes of the tests share what dbt has read of a project and made of its templates: a second, not ten.

dbt reads a project anew where the profile is another one, and that of a home names its files. Nothing
that dbt reads of ours depends on these; settings in the environment do count, and dbt looks at them itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from dbt_common.tests import enable_test_caching

from clickstream import dbt_runner
from clickstream.console import Reporter
from clickstream.dbt_kept import kept_work
from clickstream.settings import PROJECT, Home


@contextmanager
def parses_shared(folder: Path) -> Iterator[None]:
    """While it lasts, a home that has read no project yet begins with what another one has read of it.

    Templates go by their text: all homes have them at one place. So do macros, in dbt's own cache for tests.

    Args:
        folder: where these are kept, one for each project.
    """
    parse = dbt_runner.parse
    of_all = Home(folder)
    of_all.dbt_target.mkdir(parents=True)

    def parse_on(
        home: Home, report: Reporter, fingerprint: str, project: Path = PROJECT, **known: Any
    ) -> dbt_runner.Project:
        own = home.dbt_target / "partial_parse.msgpack"
        kept = folder / sha256(str(project).encode()).hexdigest()
        if own.exists() or not kept.exists():
            done = parse(home, report, fingerprint, project, **known)
            shutil.copyfile(own, kept)
            return done
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, own)
        with _any_profile():
            done = parse(home, report, fingerprint, project, **known)
        _keep_as_its_own(done, own)
        return done

    enable_test_caching()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt_runner, "parse", parse_on)
        patch.setattr(dbt_runner, "kept_work", lambda _: kept_work(of_all))
        yield


@contextmanager
def _any_profile() -> Iterator[None]:
    """dbt takes what was read with another profile."""
    from dbt.parser.manifest import ManifestLoader

    is_parsable = ManifestLoader.is_partial_parsable

    def is_parsable_with_this_profile(loader: Any, manifest: Any) -> Any:
        manifest.state_check.profile_hash = loader.manifest.state_check.profile_hash
        return is_parsable(loader, manifest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ManifestLoader, "is_partial_parsable", is_parsable_with_this_profile)
        yield


def _keep_as_its_own(project: dbt_runner.Project, file: Path) -> None:
    """Write down what was read, with the home's profile: dbt itself does so only where something differs."""
    from dbt.parser.manifest import extended_mashumaro_encoder

    file.write_bytes(project.parsed.to_msgpack(extended_mashumaro_encoder))
