"""What dbt has made of the project, kept in the home: the next run neither reads nor compiles it again.

Beside manifest.json lie `manifest.pickle`, dbt's own object of the project it has read; `work.marshal`, the
code that Jinja has made of models, tests and macros, by their text, with the schemas by which dbt checks its
settings; and `code.marshal`, the code of the methods that dbt's classes get when it is imported. Each begins
with a digest of what made it and of its content (the manifest's also of the project): a file of another
version or a damaged one does not count.
"""

from __future__ import annotations

import dataclasses
import hashlib
import marshal
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from clickstream.settings import Home

MAKERS = ("dbt-core", "dbt-common", "dbt-adapters", "dbt-duckdb", "jinja2", "mashumaro")
"""Packages whose versions decide what is made of a project."""

MOST = 10_000
"""Of texts kept: more are of such as are long gone (the project has some 800 templates)."""


def project_key(fingerprint: str) -> bytes:
    """What must be equal for a manifest to count.

    Args:
        fingerprint: of the project (clickstream/currency.py). Settings of dbt's own in the environment
            (`DBT_…`) count here, too: they can choose what is read.
    """
    settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("DBT_"))
    return hashlib.sha256(_made_by() + repr((fingerprint, settings)).encode()).digest()


def _made_by() -> bytes:
    """What must be equal for any of the files to count: Python, its packages, and this module."""
    versions = [(name, version(name)) for name in MAKERS]
    made_by = (sys.version, versions, Path(__file__).read_text(encoding="utf-8"))
    return hashlib.sha256(repr(made_by).encode()).digest()


def keep_manifest(home: Home, key: bytes, manifest: Any) -> None:
    """Keep dbt's `Manifest`.

    Attribute by attribute: what it says itself of how to pickle it puts some in the places of others
    (dbt-core 1.11). Its lock belongs to a process.
    """
    kept = {name: value for name, value in vars(manifest).items() if name != "_lock"}
    _write(home.dbt_target / "manifest.pickle", key, pickle.dumps(kept, protocol=pickle.HIGHEST_PROTOCOL))


def kept_manifest(home: Home, key: bytes) -> Any:
    """dbt's `Manifest` of this project; None where none is kept. Imports dbt (seconds)."""
    from dbt.contracts.graph.manifest import Manifest

    content = _read(home.dbt_target / "manifest.pickle", key)
    if content is None:
        return None
    manifest = Manifest()
    vars(manifest).update(pickle.loads(content))  # noqa: S301 (our own, by its digest)
    return manifest


@contextmanager
def kept_work(home: Home) -> Iterator[None]:
    """While it lasts, dbt makes nothing of a template or a dataclass that was made before, in this home.

    Imports dbt (seconds).
    """
    from dbt_common.clients import jinja
    from dbt_common.dataclass_schema import dbtClassMixin

    templates: Any = jinja.MacroFuzzEnvironment
    checked: Any = dbtClassMixin
    compile_anew, describe_anew = templates.compile, checked.json_schema.__func__

    def compile_once(environment: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        """The code of a template: parsed, generated and compiled, it is half of what a small build spends."""
        if args or kwargs or not isinstance(source, str) or jinja.MACRO_DEBUGGING:  # Not what dbt runs.
            return compile_anew(environment, source, *args, **kwargs)
        text = f"{type(environment).__name__}\0{source}"
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if name not in known:
            known[name] = compile_anew(environment, source)
        return known[name]

    def describe_once(described: type) -> Any:
        """The JSON schema by which dbt checks project, profile and results."""
        name = f"{described.__module__}.{described.__qualname__}"
        if name in known:
            return known[name]
        schema = describe_anew(described)
        with suppress(ValueError):  # Some hold what only Python knows; none of those that a build needs.
            marshal.dumps(schema)
            known[name] = schema
        return schema

    with _kept(home.dbt_target / "work.marshal") as known:
        templates.compile, checked.json_schema = compile_once, classmethod(describe_once)
        try:
            yield
        finally:
            templates.compile, checked.json_schema = compile_anew, classmethod(describe_anew)


@contextmanager
def kept_code(home: Home) -> Iterator[None]:
    """While it lasts, methods that dataclasses and mashumaro write as text are compiled once, in this home.

    For while dbt is imported: that makes 3,300 of them, a quarter of its time.
    """
    from mashumaro.core.meta.code import builder

    def run(text: Any, *spaces: Any) -> None:
        """In place of `exec`."""
        if isinstance(text, str):
            if text not in known:
                known[text] = compile(text, "<string>", "exec", dont_inherit=True)
            text = known[text]
        exec(text, *spaces)  # noqa: S102 (what would be run)

    writers = [vars(module) for module in (dataclasses, builder)]
    with _kept(home.dbt_target / "code.marshal") as known:
        for names in writers:
            names["exec"] = run
        try:
            yield
        finally:
            for names in writers:
                del names["exec"]


@contextmanager
def _kept(file: Path) -> Iterator[dict[str, Any]]:
    """What the file holds, to be read and added to; it is written where something came."""
    key = _made_by()
    content = _read(file, key)
    known: dict[str, Any] = {} if content is None else marshal.loads(content)  # noqa: S302 (as above)
    if len(known) > MOST:
        known.clear()
    at_first = set(known)
    try:
        yield known
    finally:
        if known.keys() != at_first:
            _write(file, key, marshal.dumps(known))


def _read(file: Path, key: bytes) -> bytes | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, rest = content[: len(key)], content[len(key) :]
    return rest if digest == _digest(key, rest) else None


def _write(file: Path, key: bytes, content: bytes) -> None:
    with suppress(OSError):  # A full disk: the next run makes it again.
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_bytes(_digest(key, content) + content)
        fresh.replace(file)


def _digest(key: bytes, content: bytes) -> bytes:
    return hashlib.sha256(key + content).digest()
