"""What dbt has read and compiled is kept: the next run takes it only where nothing of it has changed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from dataclasses import field, make_dataclass
from inspect import signature
from pathlib import Path
from typing import Any, cast

import pytest
from dbt.contracts.project import Project as DbtProject
from dbt.parser.manifest import extended_mashumaro_encoder
from dbt_common import dataclass_schema
from dbt_common.clients import jinja
from dbt_common.exceptions import CompilationError
from toy_project import write_project

from clickstream import dbt_kept, dbt_runner
from clickstream.dbt_kept import kept_code, kept_work
from clickstream.pipeline import load_project
from clickstream.settings import PROJECT, Home

FILES = {
    "dbt_project.yml": "{name: plain, version: '1.0', profile: plain}",
    "profiles.yml": "{plain: {target: t, outputs: {t: {type: duckdb, path: \"{{ env_var('AT', 'x') }}\"}}}}",
    "models/one.sql": "select 1 as number",
    "models/two.sql": "select * from {{ ref('one') }}",
    "models/two.yml": "models: [{name: two, columns: [{name: number, data_tests: [not_null]}]}]",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", FILES)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Commands that dbt was given."""
    commands: list[str] = []
    invoke = dbt_runner.invoke

    def invoke_on(home: Home, command: list[str], *arguments: Any) -> Any:
        commands.append(command[0])
        return invoke(home, command, *arguments)

    monkeypatch.setattr(dbt_runner, "invoke", invoke_on)
    return commands


def load(home: Home, project: Path) -> Any:
    return load_project(home, needs_dbt=True, folder=project).parsed


def test_a_project_that_was_read_is_not_read_again(home: Home, project: Path, reads: list[str]) -> None:
    read = load(home, project)
    kept = load(home, project)
    assert reads == ["parse"]
    assert kept is not read
    assert kept.to_msgpack(extended_mashumaro_encoder) == read.to_msgpack(extended_mashumaro_encoder)
    assert vars(kept).keys() == vars(read).keys()
    assert kept.flat_graph == read.flat_graph
    assert kept.flat_graph["nodes"].keys() == read.nodes.keys()
    assert [type(value) for value in vars(kept).values()] == [type(value) for value in vars(read).values()]
    with kept._lock:
        assert kept.ref_lookup.find("two", None, None, kept).name == "two"


def test_it_is_read_again_where_something_changed(
    home: Home, project: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(home, project)
    (project / "models" / "one.sql").write_text("select 2 as number", encoding="utf-8")
    assert load(home, project).nodes["model.plain.one"].raw_code == "select 2 as number"
    monkeypatch.setenv("AT", "y")
    load(home, project)
    monkeypatch.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "seed")
    load(home, project)
    monkeypatch.setattr(dbt_kept, "version", lambda name: f"another {name}")
    load(home, project)
    assert reads == ["parse"] * 5
    load(home, project)
    assert reads == ["parse"] * 5


def test_a_project_edited_while_dbt_reads_it_is_read_again(
    home: Home, project: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = project / "models" / "one.sql"
    invoke = dbt_runner.invoke

    def edit_and_invoke(home: Home, command: list[str], *arguments: Any) -> Any:
        if not reads:
            model.write_text("select 2 as number", encoding="utf-8")
        return invoke(home, command, *arguments)

    monkeypatch.setattr(dbt_runner, "invoke", edit_and_invoke)
    assert load(home, project).nodes["model.plain.one"].raw_code == "select 2 as number"
    assert reads == ["parse", "parse"]
    load(home, project)
    assert reads == ["parse", "parse"]

    model.write_text("select 1 as number", encoding="utf-8")
    assert load(home, project).nodes["model.plain.one"].raw_code == "select 1 as number"
    content = load_project(home, folder=project).content
    assert content["nodes"]["model.plain.one"]["raw_code"] == "select 1 as number"


@pytest.mark.parametrize("damage", [b"", b"nothing of ours", None])
def test_a_damaged_file_does_not_count(
    home: Home, project: Path, reads: list[str], damage: bytes | None
) -> None:
    load(home, project)
    file = home.dbt_target / "manifest.pickle"
    file.write_bytes(file.read_bytes()[:-9] if damage is None else damage)
    assert load(home, project).nodes.keys() == load(home, project).nodes.keys()
    assert reads == ["parse", "parse"]


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Templates that were compiled."""
    sources: list[str] = []
    compile_anew = jinja.MacroFuzzEnvironment.compile

    def compile_on(environment: Any, source: str, *arguments: Any, **named: Any) -> Any:
        sources.append(source)
        return compile_anew(environment, source, *arguments, **named)

    monkeypatch.setattr(jinja.MacroFuzzEnvironment, "compile", compile_on)
    return sources


def render(text: str, *, native: bool = False) -> Any:
    return jinja.get_template(text, {}, native=native).render({"x": 5})


def test_a_template_is_compiled_once(home: Home, compiled: list[str]) -> None:
    home.dbt_target.mkdir(parents=True)
    text = "{% set y = x + 1 %}{{ y }}"
    for _ in range(2):
        with kept_work(home):
            assert render(text) == "6"
            assert render(text) == "6"
            assert render(text, native=True) == 6
            with pytest.raises(CompilationError, match="unexpected"):
                render("{{ x + }}")
    assert compiled == [text, text, "{{ x + }}", "{{ x + }}"]  # Each kind of template; mistakes again.
    assert render(text) == "6"
    assert len(compiled) == 5


def test_templates_are_compiled_again_where_the_file_is_damaged_of_another_version_or_full(
    home: Home, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home.dbt_target.mkdir(parents=True)
    file = home.dbt_target / "work.marshal"

    def times() -> int:
        compiled.clear()
        with kept_work(home):
            assert render("{{ x }}") == "5"
        return len(compiled)

    assert [times(), times()] == [1, 0]
    file.write_bytes(file.read_bytes()[:-1])
    assert [times(), times()] == [1, 0]
    monkeypatch.setattr(dbt_kept, "version", lambda name: f"another {name}")
    assert [times(), times()] == [1, 0]
    monkeypatch.setattr(dbt_kept, "MOST", 0)
    assert times() == 1
    monkeypatch.setattr(jinja, "MACRO_DEBUGGING", True)  # dbt notes each source for who looks for a mistake.
    monkeypatch.setattr(dbt_kept, "MOST", 100)
    assert [times(), times()] == [1, 1]


def test_the_methods_of_a_dataclass_are_compiled_once_and_are_its_own(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []

    def compile_on(text: str, *arguments: Any, **named: Any) -> Any:
        compiled.append(text)
        return compile(text, *arguments, **named)

    monkeypatch.setattr(dbt_kept, "compile", compile_on, raising=False)

    def make() -> Any:
        return make_dataclass("Made", [("number", int), ("text", str, field(default="a"))])

    own = make()
    with kept_code(home):
        first = make()
    assert compiled
    compiled.clear()
    with kept_code(home):
        again = make()
    assert compiled == []
    for made in (first, again):
        assert repr(made(1)) == repr(own(1))
        assert made(1) == made(1, "a") != made(2)
        assert signature(made) == signature(own), "annotations are types, not their names"
    assert "exec" not in vars(dataclasses)


def test_nothing_that_the_import_of_dbt_made_is_compiled_again(home: Home) -> None:
    code = """
import builtins, sys
from pathlib import Path
from clickstream import dbt_kept, dbt_runner
from clickstream.settings import Home
compiled = []
dbt_kept.compile = lambda *text, **named: compiled.append(text) or builtins.compile(*text, **named)
dbt_runner.import_dbt(Home(Path(sys.argv[1])))
print(len(compiled))
"""
    command = [sys.executable, "-c", code, str(home.root)]
    times = [int(subprocess.check_output(command, cwd=PROJECT)) for _ in range(2)]
    assert times[0] > 1_000
    assert times[1] == 0


def test_what_dbt_checks_its_settings_by_is_made_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.dbt_target.mkdir(parents=True)
    own, described = DbtProject.json_schema(), []
    build: Any = vars(dataclass_schema)["build_json_schema"]

    def build_on(described_class: type) -> Any:
        described.append(described_class)
        return build(described_class)

    monkeypatch.setattr(dataclass_schema, "build_json_schema", build_on)
    for _ in range(2):
        cast("Any", DbtProject.json_schema).__func__.cache_clear()
        with kept_work(home):
            assert DbtProject.json_schema() == own
    assert described == [DbtProject]
    cast("Any", DbtProject.json_schema).__func__.cache_clear()
    assert DbtProject.json_schema() == own
    assert described == [DbtProject, DbtProject]
