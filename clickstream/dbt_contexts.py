"""The macros that a node sees, made when it asks for them.

dbt makes all of them, some seven hundred, for each of six hundred contexts of a build; a node calls a few.
What it sees is the same (tests/python/test_dbt_contexts.py). Imports dbt (seconds): import it where dbt is
used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from dbt.clients.jinja import MacroGenerator
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.context.manifest import ManifestContext
from dbt_common.clients.jinja import MacroFuzzTemplate, NativeSandboxTemplate

Macros = dict[str, Any]
"""dbt's macros by name."""


def _of_all(method: Any) -> Any:
    """A method of dict that looks through all values: they are made before."""

    def look(self: MadeWhenAsked) -> Any:
        for name in self._names:
            self[name]
        return method(self)

    return look


class MadeWhenAsked(dict[str, Any]):
    """A dict with further values, made when they are asked for; all of them where it is looked through."""

    def __init__(self, names: Collection[str] = (), make: Callable[[str], Any] = str) -> None:
        super().__init__()
        self.offer(names, make)

    def offer(self, names: Collection[str], make: Callable[[str], Any]) -> None:
        """Say which further values there are, and how one is made of its name."""
        self._names, self._make = names, make

    def __missing__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        value = self[name] = self._make(name)
        return value

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._names

    def get(self, name: str, default: Any = None) -> Any:
        """The value of that name, or `default`."""
        return self[name] if name in self else default  # noqa: SIM401 (this is what would be called)

    def __bool__(self) -> bool:
        return bool(self._names) or super().__len__() > 0

    __iter__ = _of_all(dict.__iter__)
    __len__ = _of_all(dict.__len__)
    keys = _of_all(dict.keys)
    values = _of_all(dict.values)
    items = _of_all(dict.items)

    def copy(self) -> dict[str, Any]:
        """All of it, as a dict."""
        return dict(self.items())


@dataclass(frozen=True)
class _Layout:
    """Which macros a node of some package sees, and where dbt looks for them.

    Args:
        read: which macros there were when this was made (their identities, by package).
        of_root, of_node, of_dbt: macros of the project, of the node's package, of dbt and its adapter.
        of_packages: those of each package that is not dbt's.
        names: all that such a node can call, packages included.
    """

    read: dict[str, list[int]]
    of_root: Macros
    of_node: Macros
    of_dbt: Macros
    of_packages: dict[str, Macros]
    names: frozenset[str]


_layouts: dict[tuple[Any, ...], _Layout] = {}
_build_namespace = MacroNamespaceBuilder.build_namespace
_build_of_context = ManifestContext._build_namespace
_to_dict = ManifestContext.to_dict


def _layout(builder: MacroNamespaceBuilder, read: dict[str, Macros]) -> _Layout:
    """That of the builder; dbt's own way tells it, once for all nodes of a package."""
    order = tuple(builder.internal_package_names_order)
    key = (builder.root_package, builder.search_package, order)
    known = _layouts.get(key)
    present = {package: [*map(id, macros.values())] for package, macros in read.items()}
    if known is None or known.read != present:
        whole = _build_namespace(MacroNamespaceBuilder(*key[:2], builder.thread_ctx, list(order)), read, {})
        known = _layouts[key] = _Layout(
            present,
            _macros(whole.global_namespace),
            _macros(whole.local_namespace),
            _macros(whole.global_project_namespace),
            {package: _macros(macros) for package, macros in whole.packages.items()},
            frozenset(whole),
        )
    return known


def _macros(namespace: Macros) -> Macros:
    return {name: generator.macro for name, generator in namespace.items()}


def _build_when_asked(
    builder: MacroNamespaceBuilder, read: dict[str, Macros], ctx: dict[str, Any]
) -> MacroNamespace:
    """In place of `MacroNamespaceBuilder.build_namespace`."""
    layout = _layout(builder, read)

    def made(macros: Macros) -> MadeWhenAsked:
        return MadeWhenAsked(
            macros, lambda name: MacroGenerator(macros[name], ctx, builder.node, builder.thread_ctx)
        )

    namespace = MacroNamespace(
        made(layout.of_root),
        made(layout.of_node),
        made(layout.of_dbt),
        {package: made(macros) for package, macros in layout.of_packages.items()},
    )
    namespace.__dict__["_names"] = layout.names
    return namespace


def _build_for_context(context: ManifestContext) -> MacroNamespace:
    """In place of `ManifestContext._build_namespace`; macros hold the dict that they will be found in."""
    context._ctx = MadeWhenAsked()
    return _build_of_context(context)


def _to_dict_when_asked(context: ManifestContext) -> dict[str, Any]:
    """In place of `ManifestContext.to_dict`: a macro hides what else has its name."""
    made, namespace = context._ctx, context.namespace
    if not isinstance(made, MadeWhenAsked) or not isinstance(namespace, MacroNamespace):
        return _to_dict(context)  # type: ignore[no-any-return]  # dbt has no types here
    super(ManifestContext, context).to_dict()
    names = namespace.__dict__["_names"]
    for name in made.keys() & names:
        made[name] = namespace[name]
    made.offer(names, namespace.__getitem__)
    return made


def make_macros_when_asked() -> None:
    """Have dbt's next commands in this process do so."""
    MacroNamespaceBuilder.build_namespace = _build_when_asked
    ManifestContext._build_namespace = _build_for_context
    ManifestContext.to_dict = _to_dict_when_asked
    # A test's arguments are rendered on a copy of all that the test sees, other templates on what it sees.
    arguments: Any = NativeSandboxTemplate
    arguments.new_context = MacroFuzzTemplate.new_context
